package io.baton.examples;

import io.baton.codec.ByteCodec;
import io.baton.codec.Flow;
import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToByteEncoder;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * An example of a user's codec: texts in UTF-8, each ended by a zero byte, as in GELF over TCP and
 * Flash's XMLSocket.
 *
 * <pre>
 *   bytes ─► NulDecoder ─► service
 *   bytes ◄─ NulEncoder ◄─ service
 * </pre>
 *
 * <p>A codec owes the runtime three things:
 *
 * <ul>
 *   <li><b>The window.</b> A message is handed out only while {@link Window#open} says so; until
 *       then its bytes wait, and reading stops. {@link WindowedDecoder} does that for every codec
 *       that extends it.
 *   <li><b>The bounds.</b> A message has a greatest length. A client that exceeds it, or breaks the
 *       protocol, causes a {@link io.netty.handler.codec.DecoderException}, which ends its session
 *       and no other.
 *   <li><b>The flow.</b> {@link Flow} tells the runtime where the conversation is and what it takes
 *       to go on with it in another worker. This codec knows nothing but the bytes that are not
 *       decoded yet, so it gets its flow from {@link ByteCodec}, and a session can move at any
 *       time.
 * </ul>
 */
public final class NulCodec extends ByteCodec<String, String> {
  static final String NAME = "nul";

  private static final int VERSION = 1;
  private static final int WINDOW = 16;

  private final int maxLength;

  /**
   * @param maxLength the longest message received, in bytes without its end
   */
  NulCodec(int maxLength) {
    super(NAME, VERSION, String.class, String.class, WINDOW, Flow.Phase.HEAD);
    this.maxLength = maxLength;
  }

  @Override
  protected WindowedDecoder decoder(Window window) {
    return new NulDecoder(window, maxLength);
  }

  @Override
  protected Optional<ChannelHandler> encoder() {
    return Optional.of(NulEncoder.INSTANCE);
  }

  /** Cuts the bytes at each zero. */
  private static final class NulDecoder extends WindowedDecoder {
    private final int maxLength;

    NulDecoder(Window window, int maxLength) {
      super(window);
      this.maxLength = maxLength;
    }

    @Override
    protected int messageLength(ByteBuf in) {
      int text = in.bytesBefore((byte) 0);
      if (text > maxLength || (text < 0 && in.readableBytes() > maxLength)) {
        throw new TooLongFrameException("a message is longer than " + maxLength + " bytes");
      }
      return text < 0 ? INCOMPLETE : text + 1;
    }

    @Override
    protected String readMessage(ByteBuf in, int length) {
      String text = in.readCharSequence(length - 1, StandardCharsets.UTF_8).toString();
      in.skipBytes(1);
      return text;
    }
  }

  /** Writes a text and its zero. */
  @Sharable
  private static final class NulEncoder extends MessageToByteEncoder<String> {
    static final NulEncoder INSTANCE = new NulEncoder();

    NulEncoder() {
      super(String.class);
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, String text, ByteBuf out) {
      out.writeCharSequence(text, StandardCharsets.UTF_8);
      out.writeByte(0);
    }
  }
}
