@NullMarked
package io.baton.examples;

import org.jspecify.annotations.NullMarked;
