package io.baton.systemtest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.random.RandomGenerator.SplittableGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A proxy before a server of Link that knows frames: it cuts each connection after some of them, at
 * a boundary or inside, in one of the two directions, for as long as cuts are wanted. It passes on
 * what it reads as it comes, byte by byte, or many frames at once.
 */
final class LinkProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;

  /** Bytes of a direction that are passed on one by one at most. */
  private static final int BYTEWISE = 8_192;

  /** Time for which a coalescing direction lets bytes gather. */
  private static final long GATHER_NANOS = 2_000_000;

  private final ServerSocketChannel listening;
  private final SocketAddress target;
  private final SplittableGenerator random;
  private final int wanted;
  private final LinkFrames.Span span;
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile boolean calm;
  private volatile CountDownLatch held = new CountDownLatch(0);
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  /** How a direction is passed on. */
  private enum Style {
    AS_IT_COMES,
    BYTEWISE,
    COALESCED
  }

  private static <T> T oneOf(List<T> all, RandomGenerator chance) {
    return all.get(chance.nextInt(all.size()));
  }

  /** What becomes of a connection that is cut. */
  private enum Cut {
    RESET,
    CLOSED,
    /** Only the client notices; the server finds out when the client is back. */
    HALF_OPEN
  }

  /**
   * Begins.
   *
   * @param target the server
   * @param wanted so many connections are cut, or a few more
   */
  LinkProxy(SocketAddress target, int wanted, long seed) throws IOException {
    this(target, wanted, seed, LinkFrames.Span.USUAL);
  }

  /**
   * Begins.
   *
   * @param span where a connection may be cut in one direction
   */
  LinkProxy(SocketAddress target, int wanted, long seed, LinkFrames.Span span) throws IOException {
    this.target = target;
    this.wanted = wanted;
    this.span = span;
    this.random = RandomGeneratorFactory.<SplittableGenerator>of("L64X128MixRandom").create(seed);
    this.listening =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    var _ = Thread.ofVirtual().start(this::accept);
  }

  int port() throws IOException {
    return ((InetSocketAddress) listening.getLocalAddress()).getPort();
  }

  int cuts() {
    return cuts.get();
  }

  /** Cuts nothing any more. */
  void calm() {
    calm = true;
  }

  /** Passes nothing on until {@link #release}; connections stay open. */
  void hold() {
    held = new CountDownLatch(1);
  }

  void release() {
    held.countDown();
  }

  private void accept() {
    try {
      while (true) {
        pass(listening.accept());
      }
    } catch (IOException _) {
      // It was closed.
    }
  }

  private void pass(SocketChannel client) {
    try {
      new Passage(client, random.split()).begin();
    } catch (IOException _) {
      end(client, false); // it has gone already, or the server has
    }
  }

  /** One connection of a client, and the one to the server. */
  private final class Passage {
    private final SocketChannel client;
    private final SocketChannel server;
    private final SplittableGenerator chance;
    private final Cut cut;

    /** The direction that is cut; neither if no more cuts are wanted. */
    private final boolean cutsClients;

    private final boolean cutsServers;

    private volatile boolean halfOpen;

    Passage(SocketChannel client, SplittableGenerator chance) throws IOException {
      this.client = client;
      this.server = SocketChannel.open(target);
      this.chance = chance;
      this.cut = oneOf(List.of(Cut.values()), chance);
      boolean isCut = !calm && cuts() < wanted;
      boolean which = chance.nextBoolean();
      this.cutsClients = isCut && which;
      this.cutsServers = isCut && !which;
      for (SocketChannel each : new SocketChannel[] {client, server}) {
        open.add(each);
        if (each.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
          each.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
      }
    }

    void begin() {
      RandomGenerator first = chance.split();
      RandomGenerator second = chance.split();
      var _ = Thread.ofVirtual().start(() -> pass(client, server, 5, cutsClients, first));
      var _ = Thread.ofVirtual().start(() -> pass(server, client, 0, cutsServers, second));
    }

    private void pass(
        SocketChannel from, SocketChannel to, int preamble, boolean cuts, RandomGenerator mine) {
      LinkFrames passed = new LinkFrames(preamble);
      LinkFrames.Place place = cuts ? LinkFrames.Place.random(mine, span) : LinkFrames.Place.NEVER;
      Style style = oneOf(List.of(Style.values()), mine);
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
      int singly = style == Style.BYTEWISE ? BYTEWISE : 0;
      try {
        while (from.read(buffer.clear()) >= 0) {
          held.await();
          if (style == Style.COALESCED) {
            LockSupport.parkNanos(GATHER_NANOS); // the next read has more
          }
          buffer.flip();
          int whole = buffer.limit();
          int until = passed.pass(buffer, calm ? LinkFrames.Place.NEVER : place);
          buffer.limit(until);
          singly -= write(buffer, to, singly);
          if (until < whole) {
            cut();
            return;
          }
        }
        to.shutdownOutput();
      } catch (IOException | InterruptedException _) {
        end(client, false);
        if (!halfOpen) {
          end(server, false);
        }
      }
    }

    private int write(ByteBuffer bytes, SocketChannel to, int singly) throws IOException {
      int limit = bytes.limit();
      int n = Math.min(singly, limit);
      for (int i = 0; i < n; i++) {
        to.write(bytes.limit(i + 1));
      }
      bytes.limit(limit);
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
      return n;
    }

    private void cut() {
      cuts.incrementAndGet();
      halfOpen = cut == Cut.HALF_OPEN;
      end(client, cut == Cut.RESET);
      if (halfOpen) {
        var _ = Thread.ofVirtual().start(this::discard);
      } else {
        end(server, cut == Cut.RESET);
      }
    }

    /** Reads what the server still sends, until it closes. */
    private void discard() {
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
      try {
        while (server.read(buffer.clear()) >= 0) {}
      } catch (IOException _) {
        // It has ended, too.
      }
      end(server, false);
    }
  }

  private void end(SocketChannel channel, boolean reset) {
    open.remove(channel);
    try {
      if (reset
          && channel.isOpen()
          && channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
      channel.close();
    } catch (IOException _) {
      // The other direction has closed it.
    }
  }

  @Override
  public void close() throws IOException {
    release();
    listening.close();
    open.forEach(each -> end(each, false));
  }
}
