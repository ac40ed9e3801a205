/** How a worker comes to its end. */
@NullMarked
package io.baton.worker.life;

import org.jspecify.annotations.NullMarked;
