package io.baton.bench;

import io.baton.testing.server.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The live heap of sessions of Link, and of raw connections, that have had an answer and are idle.
 * Each kind has a server of its own, with one worker, that has had as many such sessions before.
 */
final class IdleHeap {
  private static final int SIZE = 64;
  private static final int ANSWER_SECONDS = 30;
  private static final int CALM_MS = 1_000; // longer than any timer of a session that is used

  /** A way to open an idle session. */
  private interface Opener {
    AutoCloseable open() throws IOException, InterruptedException;
  }

  private final Path home;
  private final int sessions;

  IdleHeap(Path home, int sessions) {
    this.home = home;
    this.sessions = sessions;
  }

  /** Returns the bytes of each raw connection. */
  double raw() throws IOException, InterruptedException {
    try (Server server = Server.start(home, 1, Lane.LOOP, "")) {
      int port = server.echoPort();
      return each(server, () -> raw(port));
    }
  }

  /** Returns the bytes of each session of Link. */
  double link() throws IOException, InterruptedException {
    int port = Ports.free(1).getFirst();
    try (Server server = Server.start(home, 1, Lane.LOOP, LinkComparison.listener(port))) {
      EchoClient client = new LinkEchoClient(port);
      return each(server, () -> link(client));
    }
  }

  private double each(Server server, Opener opener) throws IOException, InterruptedException {
    close(open(opener));
    server.awaitNoConnections();
    Memory before = Memory.of(server.manager());
    List<AutoCloseable> open = open(opener);
    Thread.sleep(CALM_MS);
    Memory with = Memory.of(server.manager());
    close(open);
    server.leaveNothing();
    return (double) with.since(before).heap() / sessions;
  }

  private List<AutoCloseable> open(Opener opener) throws IOException, InterruptedException {
    List<AutoCloseable> open = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      open.add(opener.open());
    }
    return open;
  }

  private static void close(List<AutoCloseable> all) {
    for (AutoCloseable each : all) {
      try {
        each.close();
      } catch (Exception e) {
        throw new BenchException("a session could not be closed: " + e, e);
      }
    }
  }

  private static Socket raw(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.getOutputStream().write(new byte[SIZE]);
    if (socket.getInputStream().readNBytes(SIZE).length < SIZE) {
      throw new BenchException("the echo closed a connection");
    }
    return socket;
  }

  private static AutoCloseable link(EchoClient client) throws IOException, InterruptedException {
    CountDownLatch answered = new CountDownLatch(1);
    EchoClient.Session session =
        client.open(
            new EchoClient.Listener() {
              @Override
              public void answered(byte[] payload) {
                answered.countDown();
              }

              @Override
              public void lost(String why) {
                System.err.println("bench/run: an idle session was lost: " + why);
              }
            });
    session.send(new byte[SIZE]);
    if (!answered.await(ANSWER_SECONDS, TimeUnit.SECONDS)) {
      throw new BenchException("a session of Link was not answered");
    }
    return session;
  }
}
