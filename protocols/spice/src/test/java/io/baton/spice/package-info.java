@NullMarked
package io.baton.spice;

import org.jspecify.annotations.NullMarked;
