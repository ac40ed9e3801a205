package io.baton.link.stream;

import io.baton.link.Ending;
import io.baton.link.Transfer;
import io.baton.link.core.ClientHandshake;
import io.baton.link.core.Limits;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.MessageKind;
import io.baton.link.core.ServerHandshake;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Both sides of a session in this process. The test's thread carries the bytes between them, cuts
 * the connection and moves the service's side; the streams have their own threads.
 */
final class TwoSides {
  static final Limits SMALL = new Limits(8_192, 16_384, 32_768, 65_536);
  private static final byte[] ID = new byte[16];
  private static final List<byte[]> NO_TOKENS = List.of(new byte[32]);

  private final Random random;
  private final ReentrantLock world = new ReentrantLock();
  private final Condition work = world.newCondition();
  Side client;
  Side server;

  /** Share of 1,000 steps after which the connection is cut, and the service's side moves. */
  int cutShare;

  int moveShare;
  int cuts;
  int moves;

  /** Takes what the client's streams say on the service's side. */
  Consumer<IncomingStream> atServer = stream -> stream.refuse();

  Consumer<IncomingStream> atClient = stream -> stream.refuse();
  final List<Transfer> transfersAtServer = new ArrayList<>();
  final List<Transfer> transfersAtClient = new ArrayList<>();

  TwoSides(long seed, Limits limits) {
    random = new Random(seed);
    ClientHandshake c = ClientHandshake.open("s", new byte[32], new byte[0], limits, random);
    ServerHandshake s = new ServerHandshake(limits, random);
    shake(c, s, null);
    client = new Side(true, random.nextBoolean());
    server = new Side(false, random.nextBoolean());
    client.core = c.core();
    server.core = s.core();
  }

  private static void shake(ClientHandshake c, ServerHandshake s, @Nullable LinkCore known) {
    while (c.pending() || s.pending()) {
      ByteBuffer bytes = ByteBuffer.allocate(8_192);
      c.write(bytes);
      s.read(bytes.flip());
      if (s.state() == ServerHandshake.State.ASKED) {
        s.challenge(NO_TOKENS, known);
      } else if (s.state() == ServerHandshake.State.PROVEN && known == null) {
        s.welcome(ID, 1_000);
      } else if (s.state() == ServerHandshake.State.PROVEN) {
        s.welcome(1_000);
      }
      s.write(bytes.clear());
      c.read(bytes.flip());
    }
  }

  /** One side in one process. */
  final class Side implements CoreAccess, LinkEvents {
    final boolean isClient;
    private final boolean later;
    private final Queue<Consumer<LinkCore>> actions = new ArrayDeque<>();
    final SessionStreams streams;
    LinkCore core;
    boolean gone;

    @SuppressWarnings("NullAway.Init")
    Side(boolean isClient, boolean later) {
      this.isClient = isClient;
      this.later = later;
      List<Transfer> transfers = isClient ? transfersAtClient : transfersAtServer;
      streams = new SessionStreams(this, transfers::add);
    }

    @Override
    public void run(Consumer<LinkCore> action) {
      locked(() -> {
        if (!gone && later) {
          actions.add(action);
        } else if (!gone) {
          action.accept(core);
        }
      });
    }

    /** Sends a stream. */
    OutgoingStream send(OutgoingStream stream) {
      run(held -> streams.send(held, stream));
      return stream;
    }

    /** Ends the session on this side. */
    void end(Ending why) {
      locked(() -> {
        gone = true;
        streams.end(why);
      });
    }

    private boolean runActions() {
      boolean any = !actions.isEmpty();
      while (!actions.isEmpty()) {
        actions.remove().accept(core);
      }
      return any;
    }

    @Override
    public boolean message(
        int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size) {
      throw new AssertionError("nobody sends a message");
    }

    @Override
    public void defined(int types, ByteBuffer schema) {
      throw new AssertionError("nobody defines a type");
    }

    @Override
    public void closed(int code, String text) {
      throw new AssertionError("the session is over: %d %s".formatted(code, text));
    }

    @Override
    public void opened(int channel, String name, long length) {
      IncomingStream stream = streams.opened(channel, name, length);
      Consumer<IncomingStream> taker = isClient ? atClient : atServer;
      // As a handler would: on another thread, which does not have the core.
      Thread.startVirtualThread(() -> taker.accept(stream));
    }

    @Override
    public void readable(int channel) {
      streams.readable(core, channel);
    }

    @Override
    public void ended(int channel, int code) {
      streams.ended(core, channel, code);
    }

    @Override
    public void stopped(int channel, int code) {
      streams.stopped(channel, code);
    }

    @Override
    public void delivered(int channel) {
      streams.delivered(channel);
    }
  }

  void locked(Runnable action) {
    world.lock();
    try {
      action.run();
      work.signalAll();
    } finally {
      world.unlock();
    }
  }

  /** Carries bytes until a future is done, successfully or not. */
  <T> CompletableFuture<T> until(CompletableFuture<T> future) {
    var _ = future.whenComplete((value, e) -> locked(() -> {}));
    until(future::isDone);
    return future;
  }

  /** Carries bytes until a condition holds, which a signal of {@link #locked} lets check again. */
  void until(BooleanSupplier done) {
    world.lock();
    try {
      while (!done.getAsBoolean()) {
        if (!step() && !work.await(30, TimeUnit.SECONDS)) {
          throw new AssertionError(
              "nothing happens any more: %d and %d streams at the client, %d and %d at the server"
                  .formatted(
                      client.streams.outgoing(),
                      client.streams.incoming(),
                      server.streams.outgoing(),
                      server.streams.incoming()));
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      world.unlock();
    }
  }

  /** Does a little; returns false if there is nothing to do until a thread does something. */
  private boolean step() {
    if (client.gone || server.gone) {
      return false;
    }
    boolean any = runActions();
    if (random.nextInt(1_000) < cutShare) {
      cut();
      any = true;
    }
    if (random.nextInt(1_000) < moveShare && !server.streams.isBound()) {
      move();
      any = true;
    }
    any |= carry();
    if (!any) {
      client.core.grantAll();
      server.core.grantAll();
      any = carry();
    }
    return any;
  }

  private boolean runActions() {
    boolean any = client.runActions();
    return server.runActions() || any;
  }

  /** Carries what there is now, once in each direction; returns whether there was anything. */
  boolean carry() {
    boolean any = carry(client, server);
    return carry(server, client) || any;
  }

  private boolean carry(Side from, Side to) {
    int room = LinkCore.MIN_ROOM + random.nextInt(20_000);
    ByteBuffer bytes = ByteBuffer.allocate(room);
    from.core.write(bytes);
    boolean any = bytes.flip().hasRemaining();
    while (bytes.hasRemaining()) {
      int n = 1 + random.nextInt(bytes.remaining());
      to.core.read(bytes.slice(bytes.position(), n), to);
      to.streams.progress(to.core);
      bytes.position(bytes.position() + n);
    }
    return any;
  }

  /** Loses what is on its way, half frames too, and connects again. */
  void cut() {
    cuts++;
    for (Side each : List.of(client, server)) {
      ByteBuffer lost = ByteBuffer.allocate(LinkCore.MIN_ROOM + random.nextInt(50_000));
      each.core.write(lost);
      Side other = each == client ? server : client;
      lost.flip().limit(random.nextInt(lost.limit() + 1));
      other.core.read(lost, other);
    }
    client.core.lost();
    server.core.lost();
    ClientHandshake c = ClientHandshake.resume(client.core, new byte[32], new byte[0], random);
    shake(c, new ServerHandshake(server.core.limits(), random), server.core);
    for (Side each : List.of(client, server)) {
      each.core.deliver(each);
      each.streams.progress(each.core);
    }
  }

  /** Takes the service's side to another process. */
  void move() {
    moves++;
    Side old = server;
    byte[] core = old.core.save();
    byte[] streams = old.streams.save();
    old.gone = true;
    old.streams.moved();
    server = new Side(false, random.nextBoolean());
    server.core = LinkCore.restore(core, server.streams);
    server.streams.restore(server.core, streams);
  }
}
