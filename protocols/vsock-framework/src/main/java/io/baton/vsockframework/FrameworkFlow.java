package io.baton.vsockframework;

import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.service.CloseReason;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The flow of one session. It can be saved at any byte: all that it knows is the bytes that are not
 * decoded, and the questions for the clock that have no answer, which are asked again.
 */
record FrameworkFlow(ClockAnswers clock, FrameworkDecoder decoder, int maxMessage) implements Flow {

  @Override
  public Phase phase() {
    if (decoder.isWaiting()) {
      return Phase.ANSWER;
    }
    return decoder.hasPartialMessage() || clock.hasPartial() ? Phase.BODY : Phase.IDLE;
  }

  @Override
  public void resume() {
    decoder.resume();
  }

  @Override
  public void processed() {
    decoder.processed();
  }

  @Override
  public void discard() {
    clock.discard();
    decoder.discard();
  }

  @Override
  public Optional<Saved> save() {
    ByteBuffer asked = clock.unanswered();
    ByteBuffer whole = decoder.unread();
    ByteBuffer last = clock.unread();
    ByteBuffer unread =
        ByteBuffer.allocate(asked.remaining() + whole.remaining() + last.remaining())
            .put(asked)
            .put(whole)
            .put(last)
            .flip();
    return Optional.of(Saved.unread(VsockFrameworkCodec.NAME, VsockFrameworkCodec.VERSION, unread));
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
