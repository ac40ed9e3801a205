package io.baton.worker.session;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import io.baton.codec.Flow;
import io.baton.codec.UnderWay;
import io.baton.config.PeerRange;
import io.baton.pipe.ListedSession;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionDescription.Detail;
import io.baton.pipe.SessionDescription.State;
import io.baton.pipe.SessionFilter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The view of one session for the status. It changes nothing: a codec that fails while it is asked
 * ends its session in a later turn of the event loop. Event loop only.
 */
record SessionInspection(SessionLifecycle life) {

  /** Returns the streams and asks that the codec has open. */
  UnderWay underWay() {
    return ask(Flow::underWay, UnderWay.NONE);
  }

  /** Returns whether an operator who asks for some sessions means this one. */
  boolean matches(SessionFilter filter, @Nullable PeerRange peers) {
    return (filter.listener().isEmpty() || filter.listener().equals(life.route().listener()))
        && (peers == null || peers.contains(life.peer()))
        && (filter.principal().isEmpty() || filter.principal().equals(life.identity().name()))
        && (filter.state() == null || filter.state() == state());
  }

  /** Returns all that an operator is shown of the session. */
  SessionDescription describe() {
    return describe(ask(flow -> details(flow.details()), List.of()));
  }

  /** Returns what an operator is shown of it among others; its codec is not asked. */
  ListedSession summary() {
    return new ListedSession(life.id().value(), life.key(), idleMs(), describe(List.of()));
  }

  private SessionDescription describe(List<Detail> details) {
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
        details);
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
    return msSince(life.timeouts().since());
  }

  private long idleMs() {
    return life.state().isDetached() ? 0 : msSince(life.timeouts().lastActive());
  }

  private long msSince(long nanos) {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(life.clock().nanos() - nanos));
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
