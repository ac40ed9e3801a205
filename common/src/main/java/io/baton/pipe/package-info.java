/** What manager and worker say to each other, and the socketpair they say it through. */
@NullMarked
package io.baton.pipe;

import org.jspecify.annotations.NullMarked;
