package io.baton.spice;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;

/**
 * The codec of SPICE, as a server: the channels main, display, inputs and cursor (docs/PROTOCOLS.md
 * says what of them). All connections of a client are one session, which one service serves; they
 * are found by the session's id and move together. Services are best made from {@link Spice}, which
 * gives them a surface to draw on.
 */
public final class SpiceCodec implements Codec<SpiceInput, SpiceOutput> {
  /** Inputs of one session that may be unprocessed. */
  private static final int WINDOW = 64;

  private final SpiceSettings settings;
  private final TicketKey key = new TicketKey();

  /** Makes a codec, with a key for its clients' passwords. */
  public SpiceCodec(SpiceSettings settings) {
    this.settings = settings;
  }

  @Override
  public Class<SpiceInput> in() {
    return SpiceInput.class;
  }

  @Override
  public Class<SpiceOutput> out() {
    return SpiceOutput.class;
  }

  @Override
  public int window() {
    return WINDOW;
  }

  /** A client is silent at times, but it answers pings. */
  @Override
  public boolean clientsTurn() {
    return true;
  }

  @Override
  public boolean seeks() {
    return true;
  }

  @Override
  public Flow install(CodecContext context) {
    Saved saved = context.saved().orElse(null);
    if (saved != null) {
      saved.require(SpiceForm.CODEC, SpiceForm.VERSION);
    }
    boolean known = saved != null && SpiceForm.isKnown(saved);
    if (saved == null || !saved.state().hasRemaining() || known) {
      Handshake handshake = new Handshake(settings, key, context, known);
      return install(context, new SpiceDecoder(context.window(), handshake), false);
    }
    SpiceForm.Restored its = SpiceForm.read(saved, settings, context);
    Conversation conversation = its.conversation();
    SpiceDecoder decoder = new SpiceDecoder(context.window(), conversation);
    if (conversation instanceof MainConversation) {
      return install(context, decoder, its.isNew());
    }
    context.pipeline().addLast(decoder);
    conversation.channels().join(conversation);
    return new SpiceFlow(context, decoder, its.isNew());
  }

  /** Installs the handlers of a session's first connection, or what may become one. */
  private static Flow install(CodecContext context, SpiceDecoder decoder, boolean isNew) {
    context.pipeline().addLast(new SpiceEncoder(decoder), decoder);
    return new SpiceFlow(context, decoder, isNew);
  }
}
