package io.baton.worker.migration;

/**
 * Why a connection that may go to another worker does not.
 *
 * @param listener its listener's name
 * @param why in an operator's words
 * @param since when it last did anything, in the clock's nanoseconds
 */
public record HoldUp(String listener, String why, long since) {}
