/** Numbers for people. */
@NullMarked
package io.baton.manager.text;

import org.jspecify.annotations.NullMarked;
