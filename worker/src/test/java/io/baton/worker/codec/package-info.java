@NullMarked
package io.baton.worker.codec;

import org.jspecify.annotations.NullMarked;
