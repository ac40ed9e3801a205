/** What turns bytes into messages and back, and how a codec is kept from running ahead. */
@NullMarked
package io.baton.worker.codec;

import org.jspecify.annotations.NullMarked;
