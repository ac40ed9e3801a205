@NullMarked
package io.baton.link;

import org.jspecify.annotations.NullMarked;
