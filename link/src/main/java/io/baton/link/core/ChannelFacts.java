package io.baton.link.core;

/**
 * One channel that is open in one direction beside channel 0, for whoever looks at a session.
 *
 * @param incoming whether the peer sends on it
 * @param messages whether it carries messages; if not, it is a byte stream
 * @param name of a message channel; empty for a byte stream, whose name the core does not keep
 * @param bytes that the peer was sent, or that were consumed of the peer's: of a byte stream those
 *     behind the head
 */
public record ChannelFacts(
    int channel, boolean incoming, boolean messages, String name, long bytes) {}
