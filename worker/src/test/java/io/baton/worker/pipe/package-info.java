@NullMarked
package io.baton.worker.pipe;

import org.jspecify.annotations.NullMarked;
