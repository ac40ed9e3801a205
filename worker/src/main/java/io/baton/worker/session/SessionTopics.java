package io.baton.worker.session;

import io.baton.service.CloseReason;
import io.baton.worker.topics.Publication;
import io.baton.worker.topics.TopicPositions;
import io.baton.worker.topics.TopicSession;
import io.baton.worker.topics.WorkerTopics;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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

    /** The service and its module, which speaks now. */
    ServiceSession<?, ?> service();

    /** The service has made a mistake. */
    void fail(ServiceSession<?, ?> failed, Throwable cause);

    void end(CloseReason why);
  }

  private final Subject session;

  /** What its service wants before it is certain that it goes on here; null from then on. */
  private @Nullable List<Runnable> early;

  /**
   * @param arrives it comes from another worker, and {@link #resume} or {@link #close} follows
   */
  SessionTopics(Subject session, boolean arrives) {
    this.session = session;
    this.early = arrives ? new ArrayList<>(1) : null;
  }

  private WorkerTopics topics() {
    return session.workerTopics();
  }

  /**
   * Subscribes for the service that speaks.
   *
   * @param name of the topic, the module's included
   */
  void subscribe(String name) {
    if (early != null) {
      early.add(() -> subscribe(name));
      return;
    }
    switch (topics().subscribe(session.topicId(), this, name)) {
      case YES, ALREADY -> {
        // As it wants.
      }
      case TOO_MANY_OF_SESSION ->
          session.fail(
              session.service(),
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
    tell(
        service -> service.tellPublished(publication.topic(), publication.message()),
        () -> topics().handled(session.topicId(), publication));
  }

  @Override
  public void missed(String topic, long count) {
    tell(
        service -> service.tellMissed(topic, count),
        () -> topics().handledMissed(session.topicId()));
  }

  private void tell(Consumer<ServiceSession<?, ?>> callback, Runnable handled) {
    ServiceSession<?, ?> to = session.service();
    to.inLane(() -> {
      callback.accept(to);
      topics().returned(handled);
    });
  }

  // ---- its way to another worker, and its end ----

  /** The service is about to save. */
  void freeze() {
    topics().freeze(session.topicId());
  }

  /** It goes on here after all. */
  void thaw() {
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

  boolean catchesUp() {
    return topics().catchesUp(session.topicId());
  }

  /**
   * It is certain that it goes on here.
   *
   * @param positions what came along; no bytes if that was nothing
   */
  void resume(ByteBuffer positions) {
    if (positions.hasRemaining()) {
      TopicPositions its = TopicPositions.decode(positions);
      if (topics().resumed(session.topicId(), this, its) > 0) {
        session.end(CloseReason.LIMIT);
      }
    }
    List<Runnable> waiting = early == null ? List.of() : early;
    early = null;
    waiting.forEach(Runnable::run);
  }

  void close() {
    topics().closed(session.topicId());
  }
}
