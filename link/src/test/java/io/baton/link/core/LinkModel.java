package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/**
 * Two cores, a wire between them and users on both ends, turned by a seed: messages and asks on
 * several channels and streams both ways, wires cut at any byte, cores saved and restored, and in
 * the end everything sent has come, once and in order.
 */
final class LinkModel {
  private static final int STEPS = 400;

  /** How often each kind of event happened, over all seeds. */
  static final class Counts {
    int messages;
    int long_;
    int channels;
    int asks;
    int replies;
    int failures;
    int cancels;
    int cuts;
    int moves;
    int streams;
    int sources;
    int failed;
    int stops;
    int lateStops;
    int closes;
  }

  private final Random random;
  private final Counts counts;
  private final ModelSide client;
  private final ModelSide server;
  private boolean cut;

  LinkModel(long seed, Counts counts) {
    random = new Random(seed);
    this.counts = counts;
    Handshakes.Pair pair = Handshakes.open(limits(), limits(), random);
    client = new ModelSide(pair.client(), random, counts);
    server = new ModelSide(pair.server(), random, counts);
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
    client.streams.checkSources();
    server.streams.checkSources();
  }

  private void step() {
    ModelSide side = random.nextBoolean() ? client : server;
    ModelSide other = side == client ? server : client;
    switch (random.nextInt(28)) {
      case 0, 1, 2, 3 -> side.messages.send();
      case 4, 5, 6, 7, 8, 9 -> transfer(side, other);
      case 10, 11, 12 -> side.consume();
      case 13 -> side.core.grantAll();
      case 14 -> side.streams.open();
      case 15, 16 -> side.streams.write();
      case 17, 18 -> side.streams.read();
      case 19 -> side.streams.end();
      case 20 -> side.streams.stop();
      case 21 -> side.hold();
      case 22 -> side.messages.ask();
      case 23 -> side.messages.answer();
      case 24 -> side.messages.cancelOrEnd();
      case 25, 26 -> {
        if (random.nextInt(4) == 0) {
          cut();
        }
        connect();
      }
      default -> {
        if (random.nextInt(2) == 0) {
          side.move();
        }
      }
    }
    check();
  }

  private void check() {
    client.check();
    server.check();
  }

  /** A piece of what one side writes comes to the other. */
  private void transfer(ModelSide from, ModelSide to) {
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
    s.challenge(List.of(Handshakes.TOKEN), server.core);
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
    client.messages.checkBetweenMessages();
    server.messages.checkBetweenMessages();
    settle(() -> {
      client.streams.readAll();
      server.streams.readAll();
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

  private void transferAll(ModelSide from, ModelSide to) {
    transfer(from, to);
    while (!from.wire.isEmpty()) {
      transfer(from, to);
    }
  }

  /** One side or both close after some last messages, on a wire that is still cut and moved. */
  private void close() {
    counts.closes++;
    boolean both = random.nextInt(3) == 0;
    ModelSide first = random.nextBoolean() ? client : server;
    ModelSide second = first == client ? server : client;
    first.closeAfterSome();
    if (both) {
      second.closeAfterSome();
    }
    for (int i = 0; client.ending == null || server.ending == null; i++) {
      assertThat(i).as("rounds until both have ended").isLessThan(20_000);
      ModelSide side = random.nextBoolean() ? client : server;
      ModelSide other = side == client ? server : client;
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
    assertThat(client.ending).isEqualTo("BYE");
    assertThat(server.ending).isEqualTo("BYE");
    second.messages.checkReceived(first.messages);
    if (both) {
      first.messages.checkReceived(second.messages);
    }
  }

  private void cut() {
    cut = true;
    counts.cuts++;
    client.lost();
    server.lost();
  }
}
