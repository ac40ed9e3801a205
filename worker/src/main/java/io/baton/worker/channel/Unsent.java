package io.baton.worker.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/** What was flushed and the kernel has not taken yet. Event loop only. */
public final class Unsent {

  private Unsent() {}

  /**
   * How many bytes were written, flushed or not, and wait for the client, with what Netty keeps.
   */
  public static long bytes(Channel channel) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }

  /** Null if nothing waits, or the channel is closed and nothing ever will. */
  public static @Nullable ChannelOutboundBuffer of(Channel channel) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null || buffer.isEmpty() ? null : buffer;
  }
}
