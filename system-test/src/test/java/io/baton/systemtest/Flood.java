package io.baton.systemtest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that attack with memory: each sends what begins a large message and stops short of its
 * end, or sends for ever and never reads, and stays. One that the server ends comes again, so that
 * the attack goes on for as long as this is open. One thread for all of them.
 */
final class Flood implements AutoCloseable {
  private static final long PAUSE_NS = 1_000_000;
  private static final int PIECE = 64 * 1024;

  /** What each of them does. */
  enum Attack {
    /** All but the last byte of a request's body of a million. */
    HALF_BODY("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n", 999_999, true),
    /** A chunk that does not end. */
    HALF_CHUNK(
        "POST /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nf4240\r\n",
        999_999,
        true),
    /** All but the last byte of a frame of a million, behind its length. */
    HALF_FRAME("\u0000\u000fB@", 999_999, true),
    /** A text of a million bytes in a WebSocket's frame that does not end. */
    HALF_MESSAGE(
        """
        GET /echo HTTP/1.1\r
        Host: h\r
        Connection: Upgrade\r
        Upgrade: websocket\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r
        \r
        \u0082\u00ff\u0000\u0000\u0000\u0000\u0000\u000fB@\u0000\u0000\u0000\u0000\
        """,
        999_999,
        true),
    /** A line as long as one may be, without its end. */
    HALF_LINE("", 8_000, true),
    /** A head as long as one may be, without its end. */
    HALF_HEAD("GET / HTTP/1.1\r\nHost: h\r\nX: ", 8_000, true),
    /** More and more bytes for an echo, of which nothing is read. */
    ECHO_UNREAD("", Long.MAX_VALUE, false),
    /** More and more frames for an echo, of which nothing is read. */
    FRAMES_UNREAD("", Long.MAX_VALUE, false);

    private final String head;
    private final long rest;
    private final boolean reads;

    Attack(String head, long rest, boolean reads) {
      this.head = head;
      this.rest = rest;
      this.reads = reads;
    }
  }

  /** One client, and how much it has sent. */
  private final class Attacker {
    private final SocketChannel channel;
    private long sent;

    Attacker(SocketChannel channel) {
      this.channel = channel;
    }

    long wanted() {
      return attack.rest == Long.MAX_VALUE ? Long.MAX_VALUE : head.length + attack.rest;
    }
  }

  private final Attack attack;
  private final int port;
  private final boolean slow;
  private final Selector selector = Selector.open();
  private final ByteBuffer in = ByteBuffer.allocateDirect(PIECE);
  private final byte[] head;
  private final byte[] body = new byte[PIECE];
  private final AtomicInteger connected = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final Thread thread = new Thread(this::run, "flood");
  private volatile boolean closed;
  private volatile String failure = "";
  private int missing;

  /**
   * @param slow whether each sends its bytes one at a time
   */
  Flood(Attack attack, int port, int clients, boolean slow) throws IOException {
    this.attack = attack;
    this.head = attack.head.getBytes(StandardCharsets.ISO_8859_1);
    this.port = port;
    this.slow = slow;
    this.missing = clients;
    if (attack == Attack.FRAMES_UNREAD) {
      for (int i = 0; i < PIECE; i += 1024) {
        ByteBuffer.wrap(body).putInt(i, 1020);
      }
    }
    thread.start();
  }

  /** How many connections the server took, those that came again included. */
  int connected() {
    return connected.get();
  }

  /** How many of them it ended. */
  int ended() {
    return ended.get();
  }

  private void run() {
    try {
      while (!closed) {
        connectSome();
        selector.select(key -> act(key, (Attacker) key.attachment()), 10);
        LockSupport.parkNanos(PAUSE_NS);
      }
    } catch (IOException | RuntimeException e) {
      failure = e.toString();
    }
  }

  /** A few at a time, so that the others go on. */
  private void connectSome() throws IOException {
    for (int i = 0; i < 16 && missing > 0; i++) {
      SocketChannel channel = SocketChannel.open();
      channel.configureBlocking(false);
      Attacker attacker = new Attacker(channel);
      missing--;
      boolean now = channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.register(selector, now ? SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT, attacker);
    }
  }

  private void act(SelectionKey key, Attacker attacker) {
    try {
      if (key.isConnectable()) {
        attacker.channel.finishConnect();
        connected.incrementAndGet();
        key.interestOps(SelectionKey.OP_WRITE | (attack.reads ? SelectionKey.OP_READ : 0));
        return;
      }
      if (key.isReadable() && attacker.channel.read(in.clear()) < 0) {
        throw new IOException("the server has ended it");
      }
      if (key.isWritable() && !send(attacker)) {
        key.interestOps(SelectionKey.OP_READ); // it has said what it wants to say, and stays
      }
    } catch (IOException e) {
      ended.incrementAndGet();
      missing++;
      end(attacker);
    }
  }

  /** Whether it has more to send. */
  private boolean send(Attacker attacker) throws IOException {
    long left = attacker.wanted() - attacker.sent;
    ByteBuffer piece;
    if (attacker.sent < head.length) {
      piece = ByteBuffer.wrap(head, (int) attacker.sent, head.length - (int) attacker.sent);
    } else {
      int at = (int) ((attacker.sent - head.length) % body.length);
      piece = ByteBuffer.wrap(body, at, (int) Math.min(left, body.length - at));
    }
    if (slow && attacker.sent >= head.length) {
      piece.limit(piece.position() + 1);
    }
    attacker.sent += attacker.channel.write(piece);
    return attacker.sent < attacker.wanted();
  }

  private static void end(Attacker attacker) {
    try {
      attacker.channel.close();
    } catch (IOException _) {
      return; // it has gone already
    }
  }

  /** Ends the attack and all its connections. */
  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a flood ends", e);
    }
    selector.keys().forEach(key -> end((Attacker) key.attachment()));
    selector.close();
    if (!failure.isEmpty()) {
      throw new IOException("the flood's thread failed: " + failure);
    }
  }
}
