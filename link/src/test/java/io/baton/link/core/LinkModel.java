package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Two cores, a wire between them and users on both ends, turned by a seed: messages and streams
 * both ways, wires cut at any byte, cores saved and restored, and in the end everything sent has
 * come, once and in order.
 */
final class LinkModel {
  private static final int STEPS = 400;

  /** How often each kind of event happened, over all seeds. */
  static final class Counts {
    int messages;
    int long_;
    int cuts;
    int moves;
    int streams;
    int stops;
    int closes;
  }

  private final Random random;
  private final Counts counts;
  private final Side client;
  private final Side server;
  private boolean cut;

  LinkModel(long seed, Counts counts) {
    random = new Random(seed);
    this.counts = counts;
    Handshakes.Pair pair = Handshakes.open(limits(), limits(), random);
    client = new Side(pair.client());
    server = new Side(pair.server());
  }

  private Limits limits() {
    int credit = 256 + random.nextInt(random.nextBoolean() ? 1_000 : 8_000);
    int window = 256 + random.nextInt(credit - 255);
    int maxMessage = random.nextBoolean() ? credit : 256 + random.nextInt(credit - 255);
    return new Limits(window, maxMessage, credit, 3 * credit);
  }

  void run() {
    for (int i = 0; i < STEPS; i++) {
      step();
    }
    boolean closes = random.nextBoolean();
    client.finish();
    server.finish();
    settle();
    client.checkComplete(server);
    server.checkComplete(client);
    assertThat(client.core.queued() + server.core.queued()).as("kept").isZero();
    if (closes) {
      close();
    }
  }

  private void step() {
    Side side = random.nextBoolean() ? client : server;
    Side other = side == client ? server : client;
    switch (random.nextInt(24)) {
      case 0, 1, 2, 3 -> side.send();
      case 4, 5, 6, 7, 8, 9 -> transfer(side, other);
      case 10, 11, 12 -> side.consume();
      case 13 -> side.core.grantAll();
      case 14 -> side.openStream();
      case 15, 16 -> side.writeStream();
      case 17, 18 -> side.readStream();
      case 19 -> side.endStream();
      case 20 -> side.stopStream();
      case 21 -> side.hold();
      case 22 -> {
        if (random.nextInt(3) == 0) {
          cut();
        }
        connect();
      }
      default -> {
        if (random.nextInt(2) == 0) {
          side.move();
          counts.moves++;
        }
      }
    }
    check();
  }

  private void check() {
    assertThat(client.core.isOver()).as(client.ending).isFalse();
    assertThat(server.core.isOver()).as(server.ending).isFalse();
    client.checkMemory();
    server.checkMemory();
  }

  /** A piece of what one side writes comes to the other. */
  private void transfer(Side from, Side to) {
    if (cut) {
      return;
    }
    if (from.wire.size() < 4_000) {
      ByteBuffer piece = ByteBuffer.allocate(LinkCore.MIN_ROOM + random.nextInt(1_500));
      from.core.write(piece);
      piece.flip();
      while (piece.hasRemaining()) {
        from.wire.add(piece.get());
      }
    }
    int n = random.nextInt(3) == 0 ? random.nextInt(8) : from.wire.size();
    ByteBuffer arrives = ByteBuffer.allocate(Math.min(n, from.wire.size()));
    while (arrives.hasRemaining()) {
      arrives.put(from.wire.remove());
    }
    to.core.read(arrives.flip(), to);
  }

  /** A resume; each of its two answers may be lost, so that it is tried again. */
  private void connect() {
    if (!cut) {
      return;
    }
    ClientHandshake c =
        ClientHandshake.resume(client.core, Handshakes.TOKEN, Handshakes.NO_CREDENTIAL, random);
    ServerHandshake s = new ServerHandshake(server.core.limits(), random);
    if (random.nextInt(8) == 0) {
      return;
    }
    s.read(Handshakes.from(c));
    s.challenge(java.util.List.of(Handshakes.TOKEN), server.core);
    c.read(Handshakes.from(s));
    s.read(Handshakes.from(c));
    s.welcome(Handshakes.GRACE_MS);
    assertThat(s.state()).isEqualTo(ServerHandshake.State.WELCOMED);
    if (random.nextInt(8) == 0) {
      return; // WELCOME is lost, and only the server believes in the connection.
    }
    assertThat(c.read(Handshakes.from(s))).isEqualTo(ClientHandshake.State.WELCOMED);
    cut = false;
  }

  /** Lets everything arrive, with no more cuts. */
  private void settle() {
    settle(() -> {});
    client.checkBetweenMessages();
    server.checkBetweenMessages();
    settle(() -> {
      client.readAll();
      server.readAll();
    });
    check();
  }

  private void settle(Runnable besides) {
    int idle = 0;
    for (int round = 0; idle < 8; round++) {
      assertThat(round).as("rounds until everything has come").isLessThan(100_000);
      connect();
      long before = client.progress() + server.progress();
      transferAll(client, server);
      transferAll(server, client);
      client.drain();
      server.drain();
      besides.run();
      idle = !cut && before == client.progress() + server.progress() ? idle + 1 : 0;
    }
  }

  private void transferAll(Side from, Side to) {
    transfer(from, to);
    while (!from.wire.isEmpty()) {
      transfer(from, to);
    }
  }

  /** One side or both close after some last messages, on a wire that is still cut and moved. */
  private void close() {
    counts.closes++;
    boolean both = random.nextInt(3) == 0;
    Side first = random.nextBoolean() ? client : server;
    Side second = first == client ? server : client;
    first.sendSome();
    first.core.close(LinkCode.BYE, "done");
    if (both) {
      second.sendSome();
      second.core.close(LinkCode.BYE, "done");
    }
    for (int i = 0; client.ending == null || server.ending == null; i++) {
      assertThat(i).as("rounds until both have ended").isLessThan(20_000);
      Side side = random.nextBoolean() ? client : server;
      Side other = side == client ? server : client;
      transfer(side, other);
      side.drain();
      if (i < 60 && random.nextInt(8) == 0) {
        cut();
        side.move();
      }
      if (cut && (client.core.isOver() || server.core.isOver())) {
        side.forgotten(other);
      } else {
        connect();
      }
    }
    second.checkComplete(first);
    if (both) {
      first.checkComplete(second);
    }
    assertThat(client.ending).isEqualTo("BYE");
    assertThat(server.ending).isEqualTo("BYE");
  }

  private void cut() {
    cut = true;
    counts.cuts++;
    client.lost();
    server.lost();
  }

  /** A user and its core. */
  private final class Side implements LinkEvents {
    LinkCore core;
    final Deque<Byte> wire = new ArrayDeque<>();
    final Deque<Integer> unprocessed = new ArrayDeque<>();
    final Map<Integer, Sent> streams = new HashMap<>();
    final Map<Integer, Received> incoming = new HashMap<>();
    private final int writableTypes = 3;
    private int sent;
    private int received;
    private long bytes;
    private boolean holding;
    private @Nullable String ending;

    Side(LinkCore core) {
      this.core = core;
    }

    /** A stream that this side writes: the n-th byte is {@code (n + channel) & 0x7F}. */
    private static final class Sent {
      int written;
      boolean ended;
      boolean stopped;
    }

    private static final class Received {
      int read;
      boolean stopped;
      boolean ended;
    }

    /** Only grows while nothing more is sent and nothing is cut. */
    long progress() {
      return core.sending().messages().sent() - core.queued() + received + bytes;
    }

    void send() {
      int types = random.nextInt(writableTypes);
      if (!core.defines(types)) {
        core.define(types, ByteBuffer.allocate(200).put(0, (byte) types));
      }
      int most = core.maxPayload();
      int length = random.nextInt(5) == 0 ? random.nextInt(most + 1) : random.nextInt(64);
      ByteBuffer payload = ByteBuffer.allocate(Math.max(length, 4)).putInt(0, sent);
      for (int i = 4; i < payload.capacity(); i++) {
        payload.put(i, (byte) (sent + i));
      }
      if (core.send(types, payload)) {
        sent++;
        counts.messages++;
        counts.long_ += length > 256 ? 1 : 0;
      }
    }

    @Override
    public boolean message(
        int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size) {
      int length = payload.remaining();
      int start = payload.position();
      assertThat(payload.getInt(start)).as("the number of the message").isEqualTo(received);
      for (int i = 4; i < length; i++) {
        if (payload.get(start + i) != (byte) (received + i)) {
          throw new AssertionError("byte " + i + " of message " + received);
        }
      }
      received++;
      unprocessed.add(size);
      return !holding && random.nextInt(4) > 0;
    }

    @Override
    public void defined(int types, ByteBuffer schema) {
      assertThat(schema.get(schema.position())).isEqualTo((byte) types);
    }

    @Override
    public void closed(int code, String text) {
      assertThat(ending).isNull();
      ending = LinkCode.of(code) + (code == LinkCode.BYE.number() ? "" : " " + text);
    }

    void consume() {
      for (int n = random.nextInt(4); n > 0 && !unprocessed.isEmpty(); n--) {
        core.consumed(unprocessed.remove());
      }
      if (!holding) {
        core.deliver(this);
      }
    }

    void hold() {
      holding = !holding;
    }

    void openStream() {
      if (random.nextInt(3) == 0) {
        int channel = core.streams().open("s" + streams.size(), -1);
        if (channel >= 0) {
          streams.put(channel, new Sent());
          counts.streams++;
        }
      }
    }

    void writeStream() {
      streams.forEach((channel, stream) -> {
        if (random.nextInt(2) == 0 && !stream.ended) {
          byte[] piece = new byte[1 + random.nextInt(700)];
          for (int i = 0; i < piece.length; i++) {
            piece[i] = (byte) ((stream.written + i + channel) & 0x7F);
          }
          int n = core.streams().write(channel, ByteBuffer.wrap(piece));
          stream.written += Math.max(0, n);
          assertThat(n == -1).isEqualTo(stream.stopped);
        }
      });
    }

    void endStream() {
      streams.forEach((channel, stream) -> {
        if (random.nextInt(3) == 0) {
          core.streams().end(channel, LinkCode.DONE);
          stream.ended = true;
        }
      });
    }

    @Override
    public void opened(int channel, String name, long length) {
      assertThat(incoming.put(channel, new Received())).isNull();
    }

    @Override
    public void stopped(int channel, LinkCode code) {
      Sent stream = streams.get(channel);
      assertThat(stream).isNotNull();
      if (stream != null) {
        stream.stopped = true;
      }
    }

    @Override
    public void ended(int channel, LinkCode code) {
      Received stream = incoming.get(channel);
      assertThat(stream != null && !stream.ended).isTrue();
      if (stream != null) {
        stream.ended = true;
      }
    }

    void readStream() {
      incoming.keySet().forEach(channel -> read(channel, 1 + random.nextInt(400)));
    }

    private void read(int channel, int most) {
      Received stream = incoming.get(channel);
      ByteBuffer to = ByteBuffer.allocate(most);
      if (stream == null || stream.stopped || core.streams().read(channel, to) <= 0) {
        return;
      }
      to.flip();
      while (to.hasRemaining()) {
        assertThat(to.get()).isEqualTo((byte) ((stream.read + channel) & 0x7F));
        stream.read++;
        bytes++;
      }
    }

    void stopStream() {
      incoming.forEach((channel, stream) -> {
        if (random.nextInt(8) == 0 && !stream.stopped) {
          core.streams().stop(channel, LinkCode.BYE);
          stream.stopped = true;
          counts.stops++;
        }
      });
    }

    void sendSome() {
      for (int n = random.nextInt(6); n > 0; n--) {
        send();
      }
    }

    /** The other side is over and knows the session no more, which a closing side expects. */
    void forgotten(Side other) {
      if (other.core.isOver() && !core.isOver()) {
        assertThat(core.isClosing()).isTrue();
        ending = "BYE";
      }
      drain();
    }

    void lost() {
      core.lost();
      wire.clear();
    }

    void move() {
      core = LinkCore.restore(core.save());
    }

    void finish() {
      holding = false;
      for (int channel : streams.keySet()) {
        core.streams().end(channel, LinkCode.DONE);
      }
      streams.values().forEach(each -> each.ended = true);
    }

    void readAll() {
      incoming.keySet().forEach(channel -> read(channel, 10_000));
    }

    /** A message that has begun is completed even if nobody reads streams. */
    void checkBetweenMessages() {
      assertThat(core.sending().messages().reserved()).as("bytes of half a message").isZero();
    }

    /** All messages that have come are processed. */
    void drain() {
      core.deliver(this);
      while (!unprocessed.isEmpty()) {
        core.consumed(unprocessed.remove());
      }
      if (core.hasUngranted()) {
        core.grantAll();
      }
    }

    void checkComplete(Side other) {
      assertThat(received).as("messages").isEqualTo(other.sent);
      other.streams.forEach((channel, stream) -> {
        Received got = incoming.get(channel);
        if (got == null) {
          throw new AssertionError("stream " + channel + " has not come");
        }
        if (!got.stopped) {
          assertThat(got.read).as("bytes of " + channel).isEqualTo(stream.written);
        }
        assertThat(got.ended).as("END of " + channel).isTrue();
      });
    }

    /** Rings double, so twice the limits bound what both directions hold, plus small ones. */
    void checkMemory() {
      Limits own = core.limits();
      long channels = 2L + streams.size() + incoming.size();
      assertThat(core.buffered())
          .isLessThanOrEqualTo(
              2L * own.maxQueued()
                  + 2L * (own.credit() + own.maxMessage())
                  + channels * 4_096
                  + 65_536);
    }
  }
}
