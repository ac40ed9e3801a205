package io.baton.worker.channel;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * How large a buffer the next read gets: Netty's guess from what reads brought before, one for all
 * the channels of an event loop. A channel's own would be a little better, and cost each that is
 * only there 144 bytes of heap. They can share it because a loop reads from one channel at a time.
 * As Netty tells it what each read brought, it is here that it is counted.
 */
public final class ReadSizes implements RecvByteBufAllocator {
  private static final int READS_IN_A_ROW = 16; // as Netty's channels for streams

  private final ExtendedHandle handle;

  /**
   * @param meter told of all that is read
   */
  public ReadSizes(Meter meter) {
    RecvByteBufAllocator guess =
        new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(READS_IN_A_ROW);
    handle = new Metered((ExtendedHandle) guess.newHandle(), meter);
  }

  @Override
  public ExtendedHandle newHandle() {
    return handle;
  }

  /** Netty says here how much each read brought. */
  private static final class Metered extends DelegatingHandle implements ExtendedHandle {
    private final Meter meter;

    Metered(ExtendedHandle guess, Meter meter) {
      super(guess);
      this.meter = meter;
    }

    @Override
    public void lastBytesRead(int bytes) {
      super.lastBytesRead(bytes);
      if (bytes > 0) {
        meter.bytesIn(bytes);
      }
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
      return ((ExtendedHandle) delegate()).continueReading(maybeMoreData);
    }
  }
}
