package io.baton.worker.session;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import io.baton.codec.Flow;
import io.baton.codec.UnderWay;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionDescription.Detail;
import io.baton.pipe.SessionDescription.State;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The view of one session for the status. It changes nothing: a codec that fails while it is asked
 * ends its session in a later turn of the event loop. Event loop only.
 */
record SessionInspection(SessionLifecycle life) {

  /** Returns the streams and asks that the codec has open. */
  UnderWay underWay() {
    return ask(Flow::underWay, UnderWay.NONE);
  }

  /** Returns all that an operator is shown of the session. */
  SessionDescription describe() {
    State state = state();
    return new SessionDescription(
        life.route().listener(),
        life.service().protocol().name(),
        life.peer(),
        life.via(),
        requireNonNullElse(life.identity().name(), ""),
        state,
        life.state().isDetached() ? 0 : sinceMs(),
        state == State.AWAY ? life.awayMs() : -1,
        Math.max(0, life.window().held()),
        Math.max(0, life.output().pending()),
        life.window().unprocessed(),
        ask(flow -> details(flow.details()), List.of()));
  }

  private State state() {
    if (life.awayMs() >= 0) {
      return State.AWAY;
    }
    if (life.state().isClosing() || life.state().isOver()) {
      return State.ENDING;
    }
    return life.state().isOpen() && !life.window().isFrozen() ? State.OPEN : State.MOVING;
  }

  private long sinceMs() {
    long nanos = life.clock().nanos() - life.timeouts().since();
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  private List<Detail> details(Map<String, String> facts) {
    Stream<Detail> codecs =
        facts.entrySet().stream()
            .map(
                fact -> new Detail(requireNonNull(fact.getKey()), requireNonNull(fact.getValue())));
    return Stream.concat(connections(), codecs).limit(SessionDescription.MAX_DETAILS).toList();
  }

  private Stream<Detail> connections() {
    int companions = life.companions().size();
    return companions == 0
        ? Stream.empty()
        : Stream.of(new Detail("connections", String.valueOf(1 + companions)));
  }

  private <T> T ask(Function<Flow, T> question, T otherwise) {
    try {
      return requireNonNull(question.apply(life.service().flow()));
    } catch (RuntimeException e) {
      life.loop().execute(() -> life.ending().failInTurn(e));
      return otherwise;
    }
  }
}
