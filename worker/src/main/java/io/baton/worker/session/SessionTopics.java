package io.baton.worker.session;

import io.baton.service.CloseReason;
import io.baton.worker.delivery.TopicSession;
import io.baton.worker.delivery.WorkerTopics;
import io.baton.worker.topics.Publication;
import io.baton.worker.topics.SessionFacts;
import io.baton.worker.topics.TopicPositions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The topics of one session, made when it first subscribes or comes with some from another worker.
 * Event loop only.
 */
final class SessionTopics implements TopicSession {

  /** A session, as its topics see it. */
  interface Subject {
    long topicId();

    WorkerTopics workerTopics();

    /** Returns what others may see of the session. */
    SessionFacts sessionFacts();

    /** The service has made a mistake. */
    void fail(ServiceSession<?, ?> failed, Throwable cause);

    void end(CloseReason why);
  }

  private final Subject session;

  /** That has subscribed; an upgrade brings another one, with other topics. */
  private final ServiceSession<?, ?> service;

  /** What came along from the former worker; null if that was nothing. */
  private @Nullable TopicPositions positions;

  /** What the service wants before it is certain that it goes on here; null from then on. */
  private @Nullable List<Runnable> early;

  /** Publications that were not relayed, because the session was not ready, by their topics. */
  private final Map<String, Long> refused = new LinkedHashMap<>(0);

  /** Nothing comes before it starts, although its service has resumed. */
  private boolean startsLater;

  private boolean frozen;

  private SessionTopics(
      Subject session,
      ServiceSession<?, ?> service,
      @Nullable TopicPositions positions,
      @Nullable List<Runnable> early) {
    this.session = session;
    this.service = service;
    this.positions = positions;
    this.early = early;
  }

  /** Returns those of a session that is here. */
  static SessionTopics of(Subject session, ServiceSession<?, ?> service) {
    return new SessionTopics(session, service, null, null);
  }

  /** Returns those of a session that comes; {@link #resumed} or {@link #close} follows. */
  static SessionTopics arriving(
      Subject session, ServiceSession<?, ?> service, @Nullable TopicPositions positions) {
    return new SessionTopics(session, service, positions, new ArrayList<>(1));
  }

  /**
   * Returns those of a session that comes from another machine, which may keep it after all: {@link
   * #start} or {@link #close} follows. It subscribes anew, and what it has missed meanwhile is not
   * known.
   */
  static SessionTopics fromOtherMachine(
      Subject session, ServiceSession<?, ?> service, TopicPositions there) {
    SessionTopics its = arriving(session, service, null);
    its.startsLater = true;
    its.later(() -> its.topics().arrived(session.topicId(), there.move()));
    there
        .subscriptions()
        .forEach((topic, about) -> {
          its.subscribe(topic, about.isEmpty() ? null : about);
          if (service.isTopicOfModule(topic)) {
            its.later(() -> service.inLane(() -> service.tellMissed(topic, -1)));
          }
        });
    return its;
  }

  private void later(Runnable task) {
    if (early == null) {
      task.run();
    } else {
      early.add(task);
    }
  }

  private WorkerTopics topics() {
    return session.workerTopics();
  }

  /**
   * Subscribes for the service that speaks.
   *
   * @param name of the topic, the module's included
   * @param about what it says about itself; null: what it has said before
   */
  void subscribe(String name, @Nullable String about) {
    if (early != null) {
      early.add(() -> subscribe(name, about));
      return;
    }
    switch (topics().subscribe(session.topicId(), this, name, about)) {
      case YES, ALREADY -> {
        if (frozen) {
          topics().freeze(session.topicId()); // perhaps its first
        }
      }
      case TOO_MANY_OF_SESSION ->
          session.fail(
              service,
              new IllegalStateException("a session may subscribe to 1,000 topics at most"));
      case TOO_MANY_OF_WORKER, NO_MEMORY -> session.end(CloseReason.LIMIT);
    }
  }

  void unsubscribe(String name) {
    if (early != null) {
      early.add(() -> unsubscribe(name));
    } else {
      topics().unsubscribe(session.topicId(), name);
    }
  }

  // ---- what comes ----

  @Override
  public void published(Publication publication) {
    if (!isIts(publication.topic())) {
      topics().handled(session.topicId(), this, publication);
      return;
    }
    Class<?> out = service.relayed();
    if (out != null && topics().relays().has(publication, out)) {
      relay(publication, out);
      topics().handled(session.topicId(), this, publication);
      return;
    }
    tell(
        () -> service.tellPublished(publication.topic(), publication.message()),
        () -> topics().handled(session.topicId(), this, publication));
  }

  /** Sends a publication as a message; a session that is not ready is told of that later. */
  private void relay(Publication publication, Class<?> out) {
    boolean isReady = service.takesRelayed() && !session.sessionFacts().isAway();
    topics().relays().count(isReady);
    if (!isReady) {
      refused.merge(publication.topic(), 1L, Long::sum);
      return;
    }
    tellRefused();
    try {
      var _ = service.sendRelayed(topics().relays().encode(publication, out));
    } catch (Throwable t) {
      session.fail(service, t);
    }
  }

  /** The session is ready for more: its service is told of what was not relayed. */
  void tellRefused() {
    if (refused.isEmpty()) {
      return;
    }
    Map<String, Long> all = new LinkedHashMap<>(refused); // a callback may bring more
    refused.clear();
    all.forEach((topic, count) -> service.inLane(() -> service.tellMissed(topic, count)));
  }

  @Override
  public void missed(String topic, long count) {
    if (!isIts(topic)) {
      topics().handledMissed(session.topicId(), this);
      return;
    }
    tell(
        () -> service.tellMissed(topic, count),
        () -> topics().handledMissed(session.topicId(), this));
  }

  @Override
  public SessionFacts facts() {
    return session.sessionFacts();
  }

  /** Its module may have another name than in the former worker: those topics are not its own. */
  private boolean isIts(String topic) {
    if (service.isTopicOfModule(topic)) {
      return true;
    }
    unsubscribe(topic);
    return false;
  }

  private void tell(Runnable callback, Runnable handled) {
    service.inLane(() -> {
      topics().call(callback);
      topics().returned(handled);
    });
  }

  // ---- its way to another worker, and its end ----

  /** The service is about to save. */
  void freeze() {
    frozen = true;
    topics().freeze(session.topicId()); // hands out what waits, and that may be refused
    tellRefused();
  }

  /** It goes on here after all. */
  void thaw() {
    frozen = false;
    topics().thaw(session.topicId());
  }

  /** Returns what goes along; no bytes if that is nothing. */
  ByteBuffer save() {
    return topics().save(session.topicId());
  }

  /** It is another worker's. */
  void departed() {
    topics().departed(session.topicId());
  }

  /** It is another machine's. */
  void given() {
    if (early == null) {
      topics().given(session.topicId());
    }
  }

  boolean catchesUp() {
    return topics().catchesUp(session.topicId());
  }

  /** Its service has resumed. */
  void resumed() {
    if (!startsLater) {
      goOn();
    }
  }

  /** It starts, if it has not begun here. */
  void start() {
    if (early != null) {
      goOn();
    }
  }

  /** It is certain that it goes on here. */
  private void goOn() {
    TopicPositions its = positions;
    positions = null;
    if (its != null && topics().resumed(session.topicId(), this, its) > 0) {
      session.end(CloseReason.LIMIT);
    }
    List<Runnable> waiting = early == null ? List.of() : early;
    early = null;
    waiting.forEach(Runnable::run);
  }

  void close() {
    if (early == null) {
      topics().closed(session.topicId());
    }
  }
}
