/** The API of codecs, which turn bytes into messages and back, and of their flow control. */
@NullMarked
package io.baton.codec;

import org.jspecify.annotations.NullMarked;
