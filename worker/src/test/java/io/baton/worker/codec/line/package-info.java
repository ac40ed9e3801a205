@NullMarked
package io.baton.worker.codec.line;

import org.jspecify.annotations.NullMarked;
