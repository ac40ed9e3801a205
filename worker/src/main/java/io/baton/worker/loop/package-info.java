/** Tasks on the event loop. */
@NullMarked
package io.baton.worker.loop;

import org.jspecify.annotations.NullMarked;
