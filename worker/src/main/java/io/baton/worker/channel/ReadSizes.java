package io.baton.worker.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * How large a buffer the next read gets: Netty's guess from what reads brought before, one for all
 * the channels of a listener. A channel's own would be a little better, and cost each that is only
 * there 144 bytes of heap. They can share it because a loop reads from one channel at a time. As
 * Netty tells it what each read brought, it is here that it is counted.
 *
 * <p>While memory is short, each channel gets one small buffer per turn of the loop. If Netty has
 * none left at all, the JVM lends a small one: Netty would close the connection, whose client did
 * nothing wrong.
 */
public final class ReadSizes implements RecvByteBufAllocator {
  private static final int READS_IN_A_ROW = 16; // as Netty's channels for streams

  /** What a read brings while memory is short, in bytes. */
  private static final int SMALL = 2 * 1024;

  private final ExtendedHandle handle;

  /**
   * @param meter told of all that is read
   * @param isTight whether memory is short
   * @param failed told when there is no memory left
   */
  public ReadSizes(Meter meter, BooleanSupplier isTight, Consumer<OutOfMemoryError> failed) {
    RecvByteBufAllocator guess =
        new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(READS_IN_A_ROW);
    handle = new Metered((ExtendedHandle) guess.newHandle(), meter, isTight, failed);
  }

  @Override
  public ExtendedHandle newHandle() {
    return handle;
  }

  /** Netty says here how much each read brought. */
  private static final class Metered extends DelegatingHandle implements ExtendedHandle {
    private final Meter meter;
    private final BooleanSupplier isTight;
    private final Consumer<OutOfMemoryError> failed;

    Metered(
        ExtendedHandle guess,
        Meter meter,
        BooleanSupplier isTight,
        Consumer<OutOfMemoryError> failed) {
      super(guess);
      this.meter = meter;
      this.isTight = isTight;
      this.failed = failed;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator alloc) {
      try {
        return isTight.getAsBoolean() ? alloc.ioBuffer(SMALL) : super.allocate(alloc);
      } catch (OutOfMemoryError e) {
        failed.accept(e);
        return Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(SMALL)).clear();
      }
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
      return !isTight.getAsBoolean()
          && ((ExtendedHandle) delegate()).continueReading(maybeMoreData);
    }
  }
}
