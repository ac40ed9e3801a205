/** No protocol: the bytes as they come. */
@NullMarked
package io.baton.worker.codec.raw;

import org.jspecify.annotations.NullMarked;
