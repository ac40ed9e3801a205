package io.baton.worker.accesslog;

import io.baton.service.CloseReason;

/**
 * The line of one session at its end, for all protocols but HTTP.
 *
 * @param route name of the protocol on its listener, such as the path of a WebSocket; may be empty
 * @param openedMs milliseconds since 1970
 * @param traffic in all workers in which the session was
 */
public record SessionEntry(
    Subject subject,
    String route,
    long openedMs,
    long timeMs,
    SessionTraffic traffic,
    CloseReason why)
    implements AccessEntry {}
