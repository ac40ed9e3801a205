package io.baton.manager.history;

import java.time.Instant;
import org.slf4j.event.Level;

/**
 * A line of the manager's log that the status page shows too.
 *
 * @param at when it was logged
 * @param text one line, as in the log
 */
public record ServerEvent(Instant at, Level level, String text) {}
