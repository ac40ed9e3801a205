package io.baton.worker.session;

import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The time within which a client has to take something of what waits for it. Netty does not say
 * when the kernel takes a part of a buffer, so progress is looked for now and then. Event loop
 * only.
 */
final class WriteTimeout {
  /** How often progress is looked for within one timeout. */
  private static final int LOOKS = 8;

  /** When the client last took something. */
  private long took;

  /** When progress was last looked for, and the first buffer then with the bytes sent of it. */
  private long looked;

  private int first;
  private long progress;

  WriteTimeout(ChannelOutboundBuffer unsent, long now) {
    took = now;
    looked = now;
    note(unsent);
  }

  /** Returns when the timeout ends, or when to look again. */
  long due(long timeoutNanos) {
    return Math.min(took + timeoutNanos, looked + timeoutNanos / LOOKS);
  }

  /**
   * Looks for progress.
   *
   * @param unsent what waits for the client; null if nothing does
   * @return whether nothing waits any more
   */
  boolean isOver(@Nullable ChannelOutboundBuffer unsent, long now) {
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

  /** Progress of the first buffer that waits; how much waits in all says nothing. */
  private void note(ChannelOutboundBuffer unsent) {
    first = System.identityHashCode(unsent.current());
    progress = unsent.currentProgress();
  }
}
