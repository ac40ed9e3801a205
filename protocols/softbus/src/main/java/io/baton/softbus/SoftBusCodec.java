package io.baton.softbus;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.softbus.wire.Ivs;

/**
 * The codec of soft bus lite, server side. docs/PROTOCOLS.md has the bytes.
 *
 * <pre>
 *   bytes ─► SoftBusDecoder ─► service   Input: an Opening, then Data
 *   bytes ◄─ SoftBusEncoder ◄─ service   Output: Accept, then Data
 * </pre>
 *
 * <p>The client's first packet names a session server and carries the session's key. A service
 * accepts, which the codec replies to the client, or closes the session, of which the client sees
 * the end of its connection only. Frames that come with the first packet are not lost.
 *
 * <p>A session ends with {@link io.baton.service.CloseReason#PROTOCOL} if its client sends what is
 * no packet, too long, sealed under an unknown key, changed, replayed or out of order. A session
 * can be saved at any byte: with its key and both sequence numbers. As principal it has {@code
 * key-INDEX}, of the authentication key that its first packet was sealed under.
 */
public final class SoftBusCodec implements Codec<SoftBusMessage.Input, SoftBusMessage.Output> {
  /** The name by which listeners usually know this codec, and which it saves sessions under. */
  public static final String NAME = "softbus";

  static final int VERSION = 1;
  private static final int WINDOW = 16;

  private final SoftBusSettings settings;
  private final Ivs ivs;

  /** Makes a codec for a module's {@link io.baton.codec.CodecModule#codecs}. */
  public SoftBusCodec(SoftBusSettings settings) {
    this(settings, Ivs.RANDOM);
  }

  SoftBusCodec(SoftBusSettings settings, Ivs ivs) {
    this.settings = settings;
    this.ivs = ivs;
  }

  @Override
  public Class<SoftBusMessage.Input> in() {
    return SoftBusMessage.Input.class;
  }

  @Override
  public Class<SoftBusMessage.Output> out() {
    return SoftBusMessage.Output.class;
  }

  @Override
  public int window() {
    return WINDOW;
  }

  @Override
  public Flow install(CodecContext context) {
    Conversation conversation = new Conversation(ivs);
    context
        .saved()
        .ifPresent(saved -> {
          saved.require(NAME, VERSION);
          conversation.restore(saved.state().duplicate());
        });
    SoftBusDecoder decoder = new SoftBusDecoder(context, conversation, settings);
    context.pipeline().addLast(new SoftBusEncoder(conversation, settings, ivs));
    context.pipeline().addLast(decoder);
    return new SoftBusFlow(conversation, decoder);
  }
}
