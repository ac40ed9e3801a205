package io.baton.manager.placement;

/**
 * A worker that may be given a client now.
 *
 * @param worker its name
 * @param slot its slot, which its replacement will have too
 * @param connections open ones, by its last report and what was placed since
 * @param busyPermille its event loop's busy share, by its last report
 * @param queued what waited for its event loop at its last report
 * @param placedSinceReport clients it was given since then
 */
public record Candidate(
    long worker, int slot, int connections, int busyPermille, int queued, int placedSinceReport) {}
