package io.baton.worker.channel;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

/**
 * How large a buffer the next read gets: Netty's guess from what reads brought before, one for all
 * the channels of an event loop. A channel's own would be a little better, and cost each that is
 * only there 144 bytes of heap. They can share it because a loop reads from one channel at a time.
 */
public final class ReadSizes implements RecvByteBufAllocator {
  private static final int READS_IN_A_ROW = 16; // as Netty's channels for streams

  private final ExtendedHandle handle =
      (ExtendedHandle)
          new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(READS_IN_A_ROW).newHandle();

  @Override
  public ExtendedHandle newHandle() {
    return handle;
  }
}
