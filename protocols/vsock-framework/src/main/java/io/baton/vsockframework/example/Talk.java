package io.baton.vsockframework.example;

/**
 * Something said at a time.
 *
 * @param timestamp nanoseconds of the server's clock
 */
public record Talk(long timestamp, String text) {}
