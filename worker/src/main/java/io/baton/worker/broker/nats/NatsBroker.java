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
import java.util.HashSet;
import java.util.Set;
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
 *   connecting ──► up ──► down ──► up …      the library tries again by itself, for ever
 *                   └──► closed by it ──5 s──► connecting     (refused credentials, twice)
 * </pre>
 */
public final class NatsBroker implements Broker {
  /** Messages in one turn of the event loop, so that others have theirs. */
  private static final int TURN = 256;

  private static final long AGAIN_MS = 5_000;

  private static final Duration CLOSE_WAIT = Duration.ofMillis(500);

  private static final Logger LOG = LoggerFactory.getLogger(NatsBroker.class);

  private final ScheduledExecutorService loop;
  private final UnaryOperator<Runnable> guard;
  private final Options options;
  private final Set<String> subjects = new HashSet<>();
  private final IncomingMessages incoming;
  private final OutgoingMessages outgoing;
  private final LoopTask taking;
  private @Nullable Listener listener;
  private @Nullable Connection connection;
  private @Nullable Dispatcher dispatcher;
  private String problem = "";
  private boolean up;
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
    if (up) {
      return;
    }
    connection = its;
    if (dispatcher == null) {
      Dispatcher made = its.createDispatcher(message -> came(message.getData()));
      made.setPendingLimits(IncomingMessages.MAX_MESSAGES, IncomingMessages.MAX_BYTES);
      subjects.forEach(made::subscribe);
      dispatcher = made;
    }
    up = true;
    problem = "";
    LOG.info("connected to the broker at {}", its.getConnectedUrl());
    if (listener != null) {
      listener.up();
    }
  }

  private void disconnected() {
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
    if (subjects.add(subject) && dispatcher != null) {
      dispatcher.subscribe(subject);
    }
  }

  @Override
  public void unsubscribe(String subject) {
    if (subjects.remove(subject) && dispatcher != null) {
      dispatcher.unsubscribe(subject);
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
