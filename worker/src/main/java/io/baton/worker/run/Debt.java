package io.baton.worker.run;

import io.baton.worker.channel.Unsent;
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

  /** When the client last took something. */
  private long took;

  /** When it was last looked, and how what waits looked then. */
  private long looked;

  private int first;
  private long progress;

  /**
   * @param unsent what waits on the channel
   */
  Debt(Channel channel, ChannelOutboundBuffer unsent, long now) {
    this.channel = channel;
    took = now;
    looked = now;
    note(unsent);
  }

  /** When patience ends, or when to look again. */
  long due(long patienceNanos) {
    return Math.min(took + patienceNanos, looked + patienceNanos / LOOKS);
  }

  /** Looks; whether nothing waits any more. */
  boolean isPaid(long now) {
    ChannelOutboundBuffer unsent = Unsent.of(channel);
    if (unsent == null) {
      return true;
    }
    looked = now;
    int firstBefore = first;
    long progressBefore = progress;
    note(unsent);
    if (first != firstBefore || progress != progressBefore) {
      took = now;
    }
    return false;
  }

  /** Of the first that waits, how much of it has gone; how much waits in all says nothing. */
  private void note(ChannelOutboundBuffer unsent) {
    first = System.identityHashCode(unsent.current());
    progress = unsent.currentProgress();
  }
}
