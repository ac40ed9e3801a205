package io.baton.worker.broker.nats;

import io.baton.config.ClusterSettings;
import io.baton.credentials.Credentials;
import io.baton.worker.broker.Broker;
import io.baton.worker.loop.LoopTask;
import io.baton.worker.memory.MemoryAccount;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener.Events;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to a NATS server, with threads of the client library's own. What comes from it is
 * handed to the event loop in batches; what the loop does not come to is dropped and counted.
 *
 * <pre>
 *   connecting ──► linked ── told of all subjects ──► up ──► down ──► linked …
 *        ▲                 the library tries again by itself, for ever │
 *        └────────────────────────5 s───────────────────────── closed by it (refused credentials)
 * </pre>
 */
public final class NatsBroker implements Broker {
  /** Messages in one turn of the event loop, so that others have theirs. */
  private static final int TURN = 256;

  /** Subjects that the library is told in one turn. */
  private static final int TOLD_AT_A_TIME = 1_000;

  /** How long it is waited for room for more of them. */
  private static final long ROOM_MS = 100;

  private static final long AGAIN_MS = 5_000;

  private static final Duration CLOSE_WAIT = Duration.ofMillis(500);

  private static final Logger LOG = LoggerFactory.getLogger(NatsBroker.class);

  private final ScheduledExecutorService loop;
  private final UnaryOperator<Runnable> guard;
  private final Options options;
  private final WantedSubjects subjects = new WantedSubjects();
  private final IncomingMessages incoming;
  private final OutgoingMessages outgoing;
  private final LoopTask taking;
  private final LoopTask telling;
  private @Nullable Listener listener;
  private @Nullable Connection connection;
  private @Nullable Dispatcher dispatcher;
  private String problem = "";

  /** Whether the library has a connection. */
  private boolean linked;

  /** Whether it has been told of all subjects, too. */
  private boolean up;

  private boolean waitsForRoom;
  private long dropped;
  private boolean closed;

  /**
   * @param name of the connection, for the operator of the broker
   * @param memory in which all that waits is booked, on the event loop
   * @param guard wraps what the loop does
   * @throws GeneralSecurityException if there can be no TLS
   */
  public NatsBroker(
      ClusterSettings cluster,
      Credentials credentials,
      String name,
      MemoryAccount memory,
      ScheduledExecutorService loop,
      UnaryOperator<Runnable> guard)
      throws GeneralSecurityException, IOException {
    this.loop = loop;
    this.guard = guard;
    taking = new LoopTask(loop, guard, this::takeSome);
    telling = new LoopTask(loop, guard, this::tellSome);
    incoming = new IncomingMessages(memory);
    outgoing = new OutgoingMessages(memory, loop, guard);
    options =
        NatsOptions.of(cluster, credentials, name)
            .connectionListener((its, event) -> inLoop(() -> happened(its, event)))
            .errorListener(new Errors())
            .build();
  }

  /** What the library cannot return to anybody. Its own threads. */
  private final class Errors implements ErrorListener {
    @Override
    public void errorOccurred(Connection its, String error) {
      inLoop(() -> failed(error));
    }

    @Override
    public void exceptionOccurred(@Nullable Connection its, Exception e) {
      inLoop(() -> failed(String.valueOf(e.getMessage())));
    }
  }

  private void inLoop(Runnable task) {
    try {
      loop.execute(guard.apply(task));
    } catch (RejectedExecutionException _) {
      // The worker has ended.
    }
  }

  // ---- the connection ----

  @Override
  public void start(Listener its) {
    listener = its;
    connect();
  }

  private void connect() {
    try {
      Nats.connectAsynchronously(options, true);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void happened(Connection its, Events event) {
    if (closed) {
      return;
    }
    switch (event) {
      case CONNECTED, RESUBSCRIBED -> connected(its);
      case DISCONNECTED -> disconnected();
      case CLOSED -> {
        disconnected();
        connection = null;
        dispatcher = null;
        outgoing.closed();
        LOG.error(
            "the broker has refused this worker: {}; it is tried again in {} ms",
            problem,
            AGAIN_MS);
        var _ = loop.schedule(guard.apply(this::connect), AGAIN_MS, TimeUnit.MILLISECONDS);
      }
      default -> LOG.debug("broker: {}", event);
    }
  }

  private void connected(Connection its) {
    if (linked) {
      return;
    }
    linked = true;
    connection = its;
    if (dispatcher == null) {
      Dispatcher made = its.createDispatcher(message -> came(message.getData()));
      made.setPendingLimits(IncomingMessages.MAX_MESSAGES, IncomingMessages.MAX_BYTES);
      subjects.connected();
      dispatcher = made;
    }
    tellSome();
  }

  /**
   * Tells the library of some more subjects. It repeats them by itself when it has another
   * connection, and would keep, beyond all bounds, what it cannot send yet.
   */
  private void tellSome() {
    if (!linked || waitsForRoom || closed) {
      return;
    }
    if (!subjects.tellSome(TOLD_AT_A_TIME, this::tell)) {
      waitsForRoom = true;
      var _ = loop.schedule(guard.apply(this::tellAgain), ROOM_MS, TimeUnit.MILLISECONDS);
    } else if (!subjects.isAllTold()) {
      telling.runAfterSockets();
    } else if (!up) {
      nowUp();
    }
  }

  private void tellAgain() {
    waitsForRoom = false;
    tellSome();
  }

  private boolean tell(String subject) {
    Connection its = connection;
    Dispatcher to = dispatcher;
    if (its == null || to == null || !outgoing.book(its, subject.length())) {
      return false;
    }
    try {
      to.subscribe(subject);
      return true;
    } catch (IllegalStateException e) {
      failed(String.valueOf(e.getMessage())); // lost just now
      return false;
    }
  }

  private void nowUp() {
    up = true;
    problem = "";
    LOG.info(
        "connected to the broker at {}", connection == null ? "?" : connection.getConnectedUrl());
    if (listener != null) {
      listener.up();
    }
  }

  private void disconnected() {
    linked = false;
    if (up) {
      up = false;
      LOG.warn(
          "the connection to the broker is lost: what is published does not reach other machines"
              + " until there is another one");
      if (listener != null) {
        listener.down();
      }
    }
  }

  /** While there is no connection, the same is said only once. */
  private void failed(String what) {
    if (!what.equals(problem)) {
      problem = what;
      LOG.warn("broker: {}", what);
    }
  }

  // ---- out ----

  @Override
  public void subscribe(String subject) {
    boolean isFirst = subjects.isAllTold();
    subjects.add(subject);
    if (isFirst) {
      tellSome();
    }
  }

  @Override
  public void unsubscribe(String subject) {
    if (subjects.remove(subject) && dispatcher != null) {
      try {
        dispatcher.unsubscribe(subject);
      } catch (IllegalStateException e) {
        failed(String.valueOf(e.getMessage())); // what comes is ignored
      }
    }
  }

  @Override
  public boolean publish(String subject, byte[] message) {
    Connection its = connection;
    if (its == null
        || its.getStatus() != Connection.Status.CONNECTED
        || !outgoing.book(its, subject.length() + message.length)) {
      return false;
    }
    try {
      its.publish(subject, message);
      return true;
    } catch (IllegalStateException | IllegalArgumentException e) {
      failed(String.valueOf(e.getMessage())); // lost just now, or the broker allows less
      return false;
    }
  }

  // ---- in ----

  /** The library's thread. */
  private void came(byte[] message) {
    incoming.add(message);
    taking.runSoon();
  }

  private void takeSome() {
    Listener its = listener;
    if (closed || its == null) {
      return;
    }
    long lost = incoming.takeLost() + takeDropped();
    if (lost > 0) {
      its.overrun(lost);
    }
    byte[] message = null;
    for (int i = 0; i < TURN && (message = incoming.poll()) != null; i++) {
      its.received(message);
    }
    incoming.book();
    if (message != null) {
      taking.runAfterSockets();
    }
  }

  /** Returns how many messages the library has dropped since the last call. */
  private long takeDropped() {
    long before = dropped;
    dropped = dispatcher == null ? 0 : dispatcher.getDroppedCount();
    return Math.max(0, dropped - before);
  }

  @Override
  public Runnable close() {
    closed = true;
    outgoing.closed();
    Connection its = up ? connection : null;
    return its == null ? () -> {} : () -> flush(its);
  }

  private static void flush(Connection its) {
    try {
      its.flush(CLOSE_WAIT);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | RuntimeException e) {
      LOG.debug("closing the connection to the broker", e);
    }
  }
}
