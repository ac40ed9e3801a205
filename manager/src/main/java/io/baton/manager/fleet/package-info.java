/** The manager's state machine: events in, effects out, no system call. */
@NullMarked
package io.baton.manager.fleet;

import org.jspecify.annotations.NullMarked;
