package io.baton.examples;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageEncoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.string.StringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A codec of one's own, made of Netty handlers: texts in UTF-8, each ended by a zero byte, as in
 * GELF over TCP and Flash's XMLSocket.
 *
 * <pre>
 *   bytes ─► NulDecoder ─► StringDecoder (Netty's) ─► service
 *   bytes ◄─────────────── NulEncoder ◄────────────── service
 * </pre>
 *
 * <p>What makes a Netty pipeline a codec is three things:
 *
 * <ul>
 *   <li><b>The window.</b> A message is handed out only while {@link Window#open} says so; until
 *       then its bytes wait, and reading stops. {@link WindowedDecoder} sees to that, so it, or
 *       something that keeps the same rule, cuts the bytes into messages; handlers of any kind may
 *       follow, as long as they make at most one message of one.
 *   <li><b>The bounds.</b> A message has a greatest length. A client that goes beyond it, or sends
 *       what the protocol does not allow, gets a {@link io.netty.handler.codec.DecoderException},
 *       which ends its session and no other.
 *   <li><b>The flow.</b> {@link Flow} tells the runtime where the conversation is and what it takes
 *       to go on with it in another worker. All that this codec knows is in the bytes that are not
 *       used up, so {@link WindowedDecoder#flow} is enough, and a session can move at any time.
 * </ul>
 */
public final class NulCodec implements Codec<String, String> {
  static final String NAME = "nul";

  private static final int VERSION = 1;
  private static final int WINDOW = 16;
  private static final StringDecoder TEXT = new StringDecoder(StandardCharsets.UTF_8);

  private final int maxLength;

  /**
   * @param maxLength bytes of a message, its end not counted
   */
  NulCodec(int maxLength) {
    this.maxLength = maxLength;
  }

  @Override
  public Class<String> in() {
    return String.class;
  }

  @Override
  public Class<String> out() {
    return String.class;
  }

  @Override
  public int window() {
    return WINDOW;
  }

  /** A session that moves here brings its unread bytes; the runtime puts them through first. */
  @Override
  public Flow install(CodecContext context) {
    context.saved().ifPresent(saved -> saved.require(NAME, VERSION));
    NulDecoder decoder = new NulDecoder(context.window(), maxLength);
    context.pipeline().addLast(NulEncoder.INSTANCE, decoder, TEXT);
    return decoder.flow(NAME, VERSION, Flow.Phase.HEAD);
  }

  /** Cuts the bytes at each zero. */
  private static final class NulDecoder extends WindowedDecoder {
    private final int maxLength;

    NulDecoder(Window window, int maxLength) {
      super(window);
      this.maxLength = maxLength;
    }

    @Override
    protected int next(ByteBuf in) {
      int length = in.bytesBefore((byte) 0);
      if (length > maxLength || (length < 0 && in.readableBytes() > maxLength)) {
        throw new TooLongFrameException("a message is longer than " + maxLength + " bytes");
      }
      return length < 0 ? NOTHING : length + 1;
    }

    @Override
    protected ByteBuf take(ByteBuf in, int length) {
      ByteBuf text = cut(in, length - 1);
      in.skipBytes(1);
      return text;
    }
  }

  /** Writes a text and its zero. */
  @Sharable
  private static final class NulEncoder extends MessageToMessageEncoder<String> {
    static final NulEncoder INSTANCE = new NulEncoder();

    NulEncoder() {
      super(String.class);
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, String text, List<Object> out) {
      ByteBuf bytes = ctx.alloc().buffer();
      bytes.writeCharSequence(text, StandardCharsets.UTF_8);
      out.add(bytes.writeByte(0));
    }
  }
}
