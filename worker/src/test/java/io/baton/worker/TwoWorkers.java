package io.baton.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.config.SettingsReader;
import io.baton.credentials.TestFiles;
import io.baton.credentials.TicketSecret;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Recounted;
import io.baton.pipe.Message.SessionDescribed;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Pipe.Packet;
import io.baton.pipe.SessionDescription;
import io.baton.posix.Fd;
import io.baton.service.SessionKey;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionKeys;
import io.baton.worker.spool.Spool;
import io.baton.worker.tls.TlsConnections;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Two workers of one server, and their clients; the tests play the manager. */
abstract class TwoWorkers {
  static final String ENCRYPTED = "encrypted";
  private static final byte[] SECRET = {1, 2, 3};

  final List<Fd> descriptors = new ArrayList<>();
  private final List<SocketChannel> sockets = new ArrayList<>();
  private long connections;
  private long questions;
  @Nullable SSLContext tls;
  final Side one;
  final Side other;

  @TempDir static Path dir;

  TwoWorkers() throws Exception {
    one = new Side(0);
    other = new Side(1);
  }

  /** The first is plain, the second, if there is one, {@link #ENCRYPTED}. */
  abstract List<Route<?, ?>> routes();

  private static Configuration encrypted() throws Exception {
    String listener =
        "baton.listeners.%s { endpoint = \"unix:t\", codec = raw, service = s, tls.certificates = [%s] }"
            .formatted(ENCRYPTED, TestFiles.identity("ec", dir));
    Path file = Files.writeString(dir.resolve("baton.conf"), listener);
    return SettingsReader.read(file, Map.of(), dir);
  }

  /** A worker, and its manager. */
  final class Side {
    final FakeManager manager = new FakeManager();
    final Worker worker;

    Side(int slot) throws Exception {
      Settings settings = SettingsFixture.settings("fleet.drain-timeout = 50ms");
      Configuration encrypted = encrypted();
      worker =
          new Worker(
              settings,
              routes(),
              held ->
                  TlsConnections.of(
                      encrypted.settings().listeners(),
                      encrypted.credentials(),
                      TicketSecret.random(0),
                      held),
              Spool.NONE,
              new HandshakeCounters(),
              new SessionKeys(slot, SECRET),
              manager.workersEnd,
              () -> {});
      worker.start();
      var _ = manager.await(Ready.class);
    }

    LineClient connect() throws Exception {
      SocketChannel socket = manager.handOff(++connections, tls == null ? 0 : 1, manager.connect());
      sockets.add(socket);
      assertThat(manager.await(Taken.class).id()).isEqualTo(connections);
      return new LineClient(socket, tls);
    }

    /** A client beyond a limit, which it has taken. */
    LineClient limited() throws Exception {
      SocketChannel socket =
          manager.turnAway(++connections, tls == null ? 0 : 1, manager.connect());
      sockets.add(socket);
      assertThat(manager.await(Taken.class).id()).isEqualTo(connections);
      return new LineClient(socket, tls);
    }

    /** The session with this key, as the worker describes it. */
    @Nullable SessionDescription describe(SessionKey key) throws Exception {
      manager.send(new DescribeSession(++questions, key), null);
      SessionDescribed answer = manager.await(SessionDescribed.class);
      assertThat(answer.request()).isEqualTo(questions);
      return answer.session();
    }

    /** The next thing that it says of what counts. */
    Message counts() throws Exception {
      while (true) {
        for (Message each : manager.any()) {
          if (each instanceof Recounted || each instanceof Departed) {
            return each;
          }
        }
      }
    }

    /** The next connection that it gives, whose descriptor is kept. */
    Handoff given() throws Exception {
      while (true) {
        if (manager.pipe.receiveWaiting() instanceof Packet packet
            && packet.messages().getFirst() instanceof Handoff handoff) {
          descriptors.addAll(packet.descriptors());
          return handoff;
        }
      }
    }

    void ask(Handoff handoff) {
      manager.send(handoff, descriptors.getFirst());
    }

    void give(Handoff handoff) {
      ask(handoff);
      descriptors.removeFirst().close();
    }
  }

  static final class LineClient {
    final SocketChannel socket;
    private final BufferedReader from;
    private final OutputStream to;

    LineClient(SocketChannel socket, @Nullable SSLContext tls) throws IOException {
      this.socket = socket;
      Socket plain = socket.socket();
      Socket its =
          tls == null ? plain : tls.getSocketFactory().createSocket(plain, "localhost", 443, true);
      this.from = new BufferedReader(new InputStreamReader(its.getInputStream(), US_ASCII));
      this.to = its.getOutputStream();
    }

    LineClient says(String line) throws IOException {
      speaks(line + "\n");
      return this;
    }

    void speaks(String text) throws IOException {
      to.write(text.getBytes(US_ASCII));
    }

    /** It says no more. */
    void leaves() throws IOException {
      socket.shutdownOutput();
    }

    @Nullable String hears() throws IOException {
      return from.readLine();
    }

    void reset() throws IOException {
      socket.setOption(StandardSocketOptions.SO_LINGER, 0);
      socket.close();
    }
  }

  @AfterEach
  void close() throws Exception {
    for (SocketChannel each : sockets) {
      each.close();
    }
    for (Side each : List.of(one, other)) {
      each.worker.close();
      each.manager.close();
    }
    descriptors.forEach(Fd::close);
  }
}
