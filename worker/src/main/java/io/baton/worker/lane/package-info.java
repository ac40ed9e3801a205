/**
 * Where services run: what keeps the callbacks of a session in order, and from each other's way.
 */
@NullMarked
package io.baton.worker.lane;

import org.jspecify.annotations.NullMarked;
