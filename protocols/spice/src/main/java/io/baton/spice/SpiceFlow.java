package io.baton.spice;

import io.baton.codec.CodecContext;
import io.baton.codec.Saved;
import io.baton.service.CloseReason;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The codec's part of one connection of a session. Event loop only. */
final class SpiceFlow implements Conversation.Part {
  private final CodecContext context;
  private final SpiceDecoder decoder;

  /** Nothing was said on the channel yet. */
  private boolean isNew;

  /**
   * @param isNew whether the channel's first words are to be said
   */
  SpiceFlow(CodecContext context, SpiceDecoder decoder, boolean isNew) {
    this.context = context;
    this.decoder = decoder;
    this.isNew = isNew;
  }

  @Override
  public Conversation.@Nullable Channels channels() {
    Conversation its = decoder.conversation();
    return its == null ? null : its.channels();
  }

  @Override
  public Phase phase() {
    if (decoder.isWaiting()) {
      return Phase.ANSWER;
    }
    boolean links = decoder.conversation() == null && decoder.hasBegun();
    return links || decoder.hasPartialMessage() ? Phase.HEAD : Phase.IDLE;
  }

  @Override
  public void resume() {
    decoder.goOn();
  }

  @Override
  public void attached() {
    Conversation its = decoder.conversation();
    if (its == null) {
      return;
    }
    its.channel().attach();
    if (isNew) {
      isNew = false;
      its.begin();
    }
    if (its instanceof MainConversation main) {
      main.pingFrom(decoder.ctx());
    }
  }

  /** A connection whose link is half made does not move. */
  @Override
  public Optional<Saved> save() {
    Conversation its = decoder.conversation();
    if (its != null) {
      return Optional.of(SpiceForm.of(its, decoder.unread()));
    }
    Handshake handshake = decoder.handshake();
    return handshake != null && handshake.isUnanswered()
        ? Optional.of(SpiceForm.ofUnanswered(decoder.unread()))
        : Optional.empty();
  }

  @Override
  public void discard() {
    decoder.discard();
  }

  @Override
  public void drain() {
    if (context.window().quiet()) {
      context.window().end(CloseReason.SHUTDOWN);
    }
  }

  @Override
  public void goodbye(CloseReason why) {
    Conversation its = decoder.conversation();
    Handshake handshake = decoder.handshake();
    if (its != null) {
      its.goodbye();
    } else if (handshake != null && why != CloseReason.CLIENT) {
      handshake.sayRefused(LinkError.ERROR, decoder.ctx());
    }
  }

  @Override
  public void ended(CloseReason why) {
    Conversation its = decoder.conversation();
    if (its == null) {
      return;
    }
    its.channel().close();
    if (its instanceof MainConversation main) {
      main.stopPings();
    } else {
      its.channels().leave(its);
      if (why != CloseReason.MOVED) {
        its.channels().keptChanged();
      }
    }
  }

  @Override
  public Map<String, String> details() {
    Map<String, String> details = new LinkedHashMap<>();
    Conversation.Channels channels = channels();
    if (channels != null) {
      channels.all().forEach(each -> tell(each, details));
    }
    return details;
  }

  private static void tell(Conversation its, Map<String, String> details) {
    SpiceChannel channel = its.channel();
    details.put(
        its.type().name().toLowerCase(Locale.ROOT),
        "%d messages unacknowledged, %d bytes kept back, round trip %d µs"
            .formatted(channel.acks().underWay(), channel.keptBytes(), its.roundTripMicros()));
  }
}
