package io.baton.manager.history;

import java.time.Instant;
import java.util.OptionalLong;

/**
 * The load of all workers together in the time since the sample before.
 *
 * @param at the end of that time
 * @param connections open at its end
 * @param messagesPerSecond received and sent
 * @param latencyP99Nanos the 99th percentile of the time that services took per message; empty if
 *     no worker has reported any
 * @param errors what went wrong for clients, see {@link LoadHistory.Reading}
 */
public record LoadSample(
    Instant at,
    long connections,
    double messagesPerSecond,
    OptionalLong latencyP99Nanos,
    long errors) {}
