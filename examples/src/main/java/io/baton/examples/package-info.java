/** What a user's module looks like. */
@NullMarked
package io.baton.examples;

import org.jspecify.annotations.NullMarked;
