package io.baton.softbus;

import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.service.CloseReason;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The flow of one session of soft bus. The protocol has no word for a session's end. A session can
 * move at any byte, except while its service has not answered the first packet.
 */
record SoftBusFlow(Conversation conversation, SoftBusDecoder decoder) implements Flow {

  @Override
  public Phase phase() {
    if (decoder.isWaiting()) {
      return Phase.ANSWER;
    }
    return decoder.hasPartialMessage() ? Phase.HEAD : Phase.IDLE;
  }

  @Override
  public void resume() {
    decoder.resume();
  }

  @Override
  public void discard() {
    decoder.discard();
  }

  @Override
  public Optional<Saved> save() {
    return conversation.isSavable()
        ? Optional.of(
            new Saved(
                SoftBusCodec.NAME, SoftBusCodec.VERSION, conversation.save(), decoder.unread()))
        : Optional.empty();
  }

  @Override
  public String current() {
    return conversation.isNew() ? "" : conversation.name();
  }

  @Override
  public Map<String, String> details() {
    Map<String, String> details = new LinkedHashMap<>();
    if (!conversation.isNew()) {
      details.put("name", conversation.name());
      details.put("key-index", String.valueOf(conversation.keyIndex()));
      details.put("next-sent", String.valueOf(conversation.sealer().next()));
      details.put("last-received", String.valueOf(conversation.opener().last()));
    }
    return details;
  }

  @Override
  public void drain() {
    // Where a conversation ends is between client and service.
  }

  @Override
  public void goodbye(CloseReason why) {
    // There is no word for it.
  }
}
