package io.baton.codec;

import io.netty.channel.ChannelHandler;
import java.util.Optional;

/**
 * A codec whose sessions have no state but the bytes that are not decoded yet, so that they can
 * move to another worker at any time. A subclass names the protocol, makes a decoder that cuts the
 * bytes into messages and, where services send anything but {@code ByteBuf}s, an encoder. This is a
 * whole codec, of texts that each end with a zero byte:
 *
 * <pre>{@code
 * public final class NulCodec extends ByteCodec<String, String> {
 *   public NulCodec() {
 *     super("nul", 1, String.class, String.class, 16, Flow.Phase.HEAD);
 *   }
 *
 *   @Override
 *   protected WindowedDecoder decoder(Window window) {
 *     return new WindowedDecoder(window) {
 *       @Override
 *       protected int messageLength(ByteBuf in) {
 *         int text = in.bytesBefore((byte) 0);
 *         if (text > MAX_TEXT || (text < 0 && in.readableBytes() > MAX_TEXT)) {
 *           throw new TooLongFrameException();
 *         }
 *         return text < 0 ? INCOMPLETE : text + 1;
 *       }
 *
 *       @Override
 *       protected String readMessage(ByteBuf in, int length) {
 *         String text = in.readCharSequence(length - 1, UTF_8).toString();
 *         in.skipBytes(1);
 *         return text;
 *       }
 *     };
 *   }
 *
 *   @Override
 *   protected Optional<ChannelHandler> encoder() {
 *     return Optional.of(NulEncoder.INSTANCE); // a sharable MessageToByteEncoder<String>
 *   }
 * }
 * }</pre>
 *
 * <p>Such a protocol has no word for the end of a session: a drain waits until the client ends it,
 * and nothing is sent before the connection closes. A codec that has one, that saves more than
 * bytes, or that consists of more handlers implements {@link Codec} itself, and may still use
 * {@link WindowedDecoder}.
 *
 * @param <I> the messages that the decoder reads
 * @param <O> the messages that the encoder writes
 */
public abstract class ByteCodec<I, O> implements Codec<I, O> {
  private final String name;
  private final int version;
  private final Class<I> in;
  private final Class<O> out;
  private final int window;
  private final Flow.Phase partial;

  /**
   * Describes the protocol.
   *
   * @param name the codec's name in saved sessions, usually the one that listeners use. Sessions
   *     that were saved under another name are refused
   * @param version the version of the protocol's bytes. Sessions that were saved in another version
   *     are refused, so it is raised when the same bytes no longer mean the same
   * @param in the type of the messages that the decoder reads
   * @param out the type of the messages that the encoder writes
   * @param window how many messages of one session may be unprocessed at a time, at least 1
   * @param partial the phase of a session of which a part of a message has arrived: {@code HEAD} if
   *     the whole message has to arrive within {@code header-timeout}, {@code BODY} if each piece
   *     has to arrive within {@code read-timeout}, {@code IDLE} if only {@code idle-timeout} counts
   * @throws IllegalArgumentException if the window is less than 1, or the phase is {@code ANSWER}
   */
  protected ByteCodec(
      String name, int version, Class<I> in, Class<O> out, int window, Flow.Phase partial) {
    if (window < 1) {
      throw new IllegalArgumentException(
          "the window of codec %s is %d messages; allowed: 1 or more".formatted(name, window));
    }
    if (partial == Flow.Phase.ANSWER) {
      throw new IllegalArgumentException(
          "codec %s waits for its client in phase ANSWER; allowed: IDLE, HEAD, BODY"
              .formatted(name));
    }
    this.name = name;
    this.version = version;
    this.in = in;
    this.out = out;
    this.window = window;
    this.partial = partial;
  }

  /** Makes the decoder of one session. */
  protected abstract WindowedDecoder decoder(Window window);

  /**
   * Returns the handler that turns the messages of one session into bytes: a new one each time, or
   * the same one if it is {@code @Sharable}. Empty, as by default, if services send {@code
   * ByteBuf}s that are written as they are.
   */
  protected Optional<ChannelHandler> encoder() {
    return Optional.empty();
  }

  @Override
  public final Class<I> in() {
    return in;
  }

  @Override
  public final Class<O> out() {
    return out;
  }

  @Override
  public final int window() {
    return window;
  }

  @Override
  public final Flow install(CodecContext context) {
    context.saved().ifPresent(saved -> saved.require(name, version));
    encoder().ifPresent(encoder -> context.pipeline().addLast(encoder));
    WindowedDecoder decoder = decoder(context.window());
    context.pipeline().addLast(decoder);
    return decoder.flow(name, version, partial);
  }
}
