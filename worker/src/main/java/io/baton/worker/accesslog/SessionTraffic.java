package io.baton.worker.accesslog;

/**
 * The messages of a session and the bytes of their contents.
 *
 * @param moves to other workers
 */
public record SessionTraffic(
    long messagesIn, long bytesIn, long messagesOut, long bytesOut, int moves) {}
