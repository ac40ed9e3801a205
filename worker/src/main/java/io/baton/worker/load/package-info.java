/** How the worker is doing: counted, measured, reported. */
@NullMarked
package io.baton.worker.load;

import org.jspecify.annotations.NullMarked;
