package io.baton.worker;

import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Load;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Neighbour;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.SocketPair;
import io.baton.service.Peer;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionKeys;
import io.baton.worker.spool.Spool;
import io.baton.worker.tls.TlsConnections;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Two workers, and between them a manager that gives the one whatever the other gives away, and
 * gives it back if it is refused. All of that on a thread of its own.
 */
final class Relay {
  /** Of the keys of sessions, the same for both workers. */
  private static final byte[] KEYS = {1, 2, 3};

  private static final long LOOK_NANOS = 50_000;

  /** Of the workers. */
  private static final long FIRST_NUMBER = 5;

  /** A client on its way. */
  private record OnItsWay(Handoff handoff, List<Fd> descriptors, int from) {}

  private static final class Side {
    final FakeManager manager;
    final Worker worker;
    final Deque<OnItsWay> outbox = new ArrayDeque<>();
    final AtomicInteger has = new AtomicInteger();
    volatile Load load = Load.NONE;
    long allowed;

    Side(FakeManager manager, Worker worker) {
      this.manager = manager;
      this.worker = worker;
    }
  }

  final AtomicInteger moved = new AtomicInteger();
  final AtomicInteger aside = new AtomicInteger();
  final Queue<Refused> refusals = new ConcurrentLinkedQueue<>();
  private final List<Side> sides = new ArrayList<>();
  private final Map<Long, OnItsWay> untaken = new HashMap<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicInteger ready = new AtomicInteger();
  private final Thread thread;
  private volatile boolean over;
  private long lastClient;
  private int joined;

  /**
   * @param hocon keys of the block {@code baton}
   * @param routes of each of the two, by its number
   */
  Relay(String hocon, IntFunction<List<Route<?, ?>>> routes) throws Exception {
    this(hocon, routes, _ -> TlsConnections.none());
  }

  /**
   * @param encryption of connections of the routes, made for each of the two
   */
  Relay(String hocon, IntFunction<List<Route<?, ?>>> routes, Worker.Encryption encryption)
      throws Exception {
    Settings settings = SettingsFixture.settings("fleet.drain-timeout = 50ms\n" + hocon);
    for (int i = 0; i < 2; i++) {
      FakeManager manager = new FakeManager();
      Worker worker =
          new Worker(
              settings,
              routes.apply(i),
              encryption,
              Spool.NONE,
              new HandshakeCounters(),
              new SessionKeys(i, KEYS),
              new MetricsRegistry(),
              FIRST_NUMBER + i,
              i,
              manager.workersEnd,
              () -> {});
      worker.join();
      sides.add(new Side(manager, worker));
      worker.start();
    }
    thread = Thread.ofPlatform().name("relay").start(this::run);
    await("both are ready", () -> ready.get() == 2);
  }

  /** Waits for a condition, and fails if the relay has. */
  void await(String what, java.util.concurrent.Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      check();
      LockSupport.parkNanos(LOOK_NANOS);
      if (Thread.interrupted()) {
        throw new AssertionError("interrupted while waiting until " + what);
      }
    }
  }

  private void check() {
    Throwable seen = failure.get();
    if (seen != null) {
      throw new AssertionError("the relay has failed", seen);
    }
  }

  /** A client that the worker has taken. */
  SocketChannel client(int worker, int listener) throws Exception {
    Side side = sides.get(worker);
    FakeManager.Client client = side.manager.connect();
    int before = side.has.get();
    tasks.add(() -> {
      Handoff handoff = new Handoff(++lastClient, listener, new Peer.Unix(1, 2), HandoffKind.FRESH);
      place(new OnItsWay(handoff, List.of(client.descriptor()), worker), worker);
    });
    await("the client is taken", () -> side.has.get() > before);
    return client.socket();
  }

  Worker worker(int number) {
    return sides.get(number).worker;
  }

  /** So many more may be given away by this worker. */
  void allow(int worker, int more) {
    tasks.add(() -> {
      Side side = sides.get(worker);
      side.allowed += more;
      side.manager.send(new AllowMigrations(side.allowed, Message.First.IDLEST), null);
    });
  }

  /** All that it has now may be given away. */
  void allowAll(int worker) {
    allow(worker, sides.get(worker).has.get());
  }

  /** This worker ends within so much time. */
  void drain(int worker, int timeoutMs) {
    tasks.add(() -> sides.get(worker).manager.send(new Drain(timeoutMs), null));
  }

  int connections(int worker) {
    return sides.get(worker).has.get();
  }

  /** What both have counted, as they last reported it. */
  Load.Counters counters() {
    return sides.get(0).load.counters().plus(sides.get(1).load.counters());
  }

  /** Bytes that the connections of both hold, as they last reported it. */
  long held() {
    return sides.stream().mapToLong(side -> side.load.memory().held()).sum();
  }

  /** Moves whatever is with this worker, and waits until the other has it. */
  void moveAll(int worker) throws Exception {
    int all = connections(0) + connections(1);
    allowAll(worker);
    await("all have moved", () -> connections(1 - worker) == all);
  }

  private void run() {
    try {
      while (!over) {
        boolean idle = true;
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
          idle = false;
        }
        for (int i = 0; i < sides.size(); i++) {
          Side side = sides.get(i);
          flush(side);
          if (side.manager.pipe.receive() instanceof Packet packet) {
            hear(i, packet);
            idle = false;
          }
        }
        if (idle) {
          LockSupport.parkNanos(LOOK_NANOS);
        }
      }
    } catch (Throwable t) {
      failure.set(t);
    }
  }

  private void hear(int from, Packet packet) throws MalformedMessageException {
    for (Message message : packet.messages()) {
      switch (message) {
        case Message.Ready _ -> ready.incrementAndGet();
        case Message.Joined _ -> introduce(from);
        case Handoff handoff -> {
          sides.get(from).has.decrementAndGet();
          if (handoff.kind().descriptors() > 1) {
            aside.incrementAndGet();
          }
          place(new OnItsWay(handoff, packet.descriptors(), from), 1 - from);
        }
        case Taken taken -> {
          OnItsWay gone = Objects.requireNonNull(untaken.remove(taken.id()));
          gone.descriptors.forEach(Fd::release);
          sides.get(from).has.incrementAndGet();
          if (!(gone.handoff.kind() instanceof HandoffKind.Fresh)) {
            moved.incrementAndGet();
          }
        }
        case Refused refused -> {
          refusals.add(refused);
          OnItsWay back = Objects.requireNonNull(untaken.remove(refused.id()));
          place(back, back.from);
        }
        case Message.LoadReport report -> sides.get(from).load = report.load();
        case Message.Departed departed -> sides.get(from).has.addAndGet(-departed.count());
        default -> {}
      }
    }
  }

  /** The first gets no neighbour, the other one the first. */
  private void introduce(int newcomer) {
    joined++;
    List<Neighbour> none = List.of();
    if (joined < sides.size()) {
      sides.get(newcomer).manager.pipe.send(new Message.Neighbours(none, true), null);
      return;
    }
    SocketPair link = link();
    for (int i = 0; i < sides.size(); i++) {
      List<Neighbour> its = List.of(new Neighbour(FIRST_NUMBER + 1 - i, 1 - i, 1));
      Fd end = i == 0 ? link.ours() : link.theirs();
      sides.get(i).manager.pipe.send(List.of(new Message.Neighbours(its, true)), List.of(end));
      end.close();
    }
  }

  private static SocketPair link() {
    try {
      return SocketPair.open();
    } catch (PosixException e) {
      throw new IllegalStateException(e);
    }
  }

  private void place(OnItsWay client, int on) {
    untaken.put(client.handoff.id(), client);
    sides.get(on).outbox.add(client);
  }

  private void flush(Side side) {
    while (!side.outbox.isEmpty()) {
      OnItsWay next = side.outbox.peek();
      boolean back = side.equals(sides.get(next.from));
      if (side.manager.pipe.send(List.of(to(next.handoff, back)), next.descriptors)
          != Pipe.Sent.YES) {
        return;
      }
      side.outbox.remove();
    }
  }

  private static Handoff to(Handoff handoff, boolean back) {
    return back && handoff.kind() instanceof HandoffKind.Saved saved
        ? new Handoff(handoff.id(), handoff.listener(), handoff.peer(), saved.returning())
        : handoff;
  }

  void close() throws InterruptedException {
    over = true;
    thread.join();
    for (Side side : sides) {
      side.worker.close();
      side.manager.close();
    }
    untaken.values().forEach(client -> client.descriptors.forEach(Fd::close));
    check();
  }
}
