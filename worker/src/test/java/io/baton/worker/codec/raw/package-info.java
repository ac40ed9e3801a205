@NullMarked
package io.baton.worker.codec.raw;

import org.jspecify.annotations.NullMarked;
