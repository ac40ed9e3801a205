package io.baton.worker.topics;

/**
 * What others may see of a session besides its topics.
 *
 * @param principal what its client is known by; empty if that is not known
 * @param isAway whether it waits for its client
 */
public record SessionFacts(String principal, boolean isAway) {}
