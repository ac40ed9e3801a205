@NullMarked
package io.baton.worker.codec.frame;

import org.jspecify.annotations.NullMarked;
