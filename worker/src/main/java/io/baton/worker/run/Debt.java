package io.baton.worker.run;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * What waits to be taken by a client, and when it last took something of it. It is looked at now
 * and then, because nobody says when the kernel takes a part of a buffer. Event loop only.
 */
final class Debt {
  /** How often it is looked whether a client takes anything, per timeout. */
  private static final int LOOKS = 8;

  private final Channel channel;

  /** When the client last took something, and how what waits looked then. */
  private long took;

  private long looked;
  private int first;
  private long progress;

  Debt(Channel channel, long now) {
    this.channel = channel;
    took = now;
    looked = now;
    note();
  }

  static boolean isThere(Channel channel) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer != null && !buffer.isEmpty();
  }

  /** When patience ends, or when to look again. */
  long due(long patienceNanos) {
    return Math.min(took + patienceNanos, looked + patienceNanos / LOOKS);
  }

  /** Looks; whether nothing waits any more. */
  boolean isPaid(long now) {
    if (!isThere(channel)) {
      return true;
    }
    looked = now;
    int firstBefore = first;
    long progressBefore = progress;
    note();
    if (first != firstBefore || progress != progressBefore) {
      took = now;
    }
    return false;
  }

  /** Of the first that waits, how much of it has gone; how much waits in all says nothing. */
  private void note() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    if (buffer != null) {
      first = System.identityHashCode(buffer.current());
      progress = buffer.currentProgress();
    }
  }
}
