package io.baton.worker.codec.raw;

import io.baton.codec.ByteCodec;
import io.baton.codec.Flow.Phase;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Bytes as they come: each message is what one read brought, or, if several reads had to wait for
 * the window, what they brought together. The codec knows no requests, so a drain lets the client
 * finish.
 *
 * <p>A session can move at any time.
 */
public final class RawCodec extends ByteCodec<ByteBuf, ByteBuf> {
  private static final String NAME = "raw";
  private static final int VERSION = 1;
  private static final int WINDOW = 8;

  public RawCodec() {
    super(NAME, VERSION, ByteBuf.class, ByteBuf.class, WINDOW, Phase.IDLE);
  }

  /** What it saves of a session that has read all that came. */
  public static Saved nothingUnread() {
    return Saved.unread(NAME, VERSION, ByteBuffer.allocate(0));
  }

  @Override
  protected WindowedDecoder decoder(Window window) {
    return new Reads(window);
  }

  private static final class Reads extends WindowedDecoder {
    Reads(Window window) {
      super(window);
    }

    @Override
    protected int messageLength(ByteBuf in) {
      return in.readableBytes();
    }

    @Override
    protected ByteBuf readMessage(ByteBuf in, int length) {
      return cut(in, length);
    }
  }
}
