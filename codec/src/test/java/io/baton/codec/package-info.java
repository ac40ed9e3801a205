@NullMarked
package io.baton.codec;

import org.jspecify.annotations.NullMarked;
