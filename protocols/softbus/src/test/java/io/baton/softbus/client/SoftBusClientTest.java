package io.baton.softbus.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.softbus.wire.AuthenticationKey;
import io.baton.softbus.wire.DataFrame;
import io.baton.softbus.wire.FrameOpener;
import io.baton.softbus.wire.FrameSealer;
import io.baton.softbus.wire.Ivs;
import io.baton.softbus.wire.OriginalConversations;
import io.baton.softbus.wire.SessionReply;
import io.baton.softbus.wire.SessionRequest;
import io.baton.softbus.wire.SoftBusException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SoftBusClientTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(1);
  private static final AuthenticationKey ONE = OriginalConversations.KEYS.get(1).orElseThrow();
  private static final AuthenticationKey TWO = OriginalConversations.KEYS.get(2).orElseThrow();

  private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

  SoftBusClientTest() throws IOException {}

  @AfterEach
  void end() throws IOException {
    listener.close();
  }

  /** What the server does with its only client, once that has sent its first packet. */
  @FunctionalInterface
  private interface Script {
    void run(Server server) throws IOException;
  }

  /** The server's side of a session, without a rule: it may send whatever a test says. */
  private record Server(
      Socket socket, SessionRequest request, FrameSealer sealer, FrameOpener opener) {
    static Server accept(ServerSocket listener) throws IOException {
      Socket socket = listener.accept();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      SessionRequest request = SessionRequest.open(OriginalConversations.KEYS, packet(in, 24));
      return new Server(
          socket,
          request,
          new FrameSealer(request.key(), Ivs.RANDOM, 0),
          new FrameOpener(request.key(), FrameOpener.NONE));
    }

    private static byte[] packet(DataInputStream in, int headBytes) throws IOException {
      byte[] head = in.readNBytes(headBytes);
      int body =
          ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt(headBytes - Integer.BYTES);
      byte[] packet = Arrays.copyOf(head, headBytes + body);
      in.readFully(packet, headBytes, body);
      return packet;
    }

    void write(byte[]... pieces) throws IOException {
      OutputStream out = socket.getOutputStream();
      for (byte[] each : pieces) {
        out.write(each);
      }
    }

    byte[] reply(AuthenticationKey under) {
      return new SessionReply("test", request.name()).packet(under, Ivs.RANDOM);
    }

    byte[] frame(String data) {
      return sealer.seal(data.getBytes(US_ASCII));
    }

    byte[] receive() throws IOException {
      return opener.open(packet(new DataInputStream(socket.getInputStream()), 16));
    }
  }

  private FutureTask<@Nullable Void> serve(Script script) {
    FutureTask<@Nullable Void> task =
        new FutureTask<>(() -> {
          Server server = Server.accept(listener);
          try (Socket _ = server.socket) {
            script.run(server);
          }
          return null;
        });
    Thread.ofVirtual().start(task);
    return task;
  }

  private SoftBusClient open() throws IOException {
    return SoftBusClient.open(address(), "com.example.a", ONE, OriginalConversations.KEYS, LONG);
  }

  private InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  @Test
  void dataGoesBothWays() throws Exception {
    var server =
        serve(s -> {
          s.write(s.reply(ONE));
          s.write(s.sealer.seal(s.receive()), s.sealer.seal(s.receive()));
        });
    try (SoftBusClient client = SoftBusClient.open(address(), "com.example.a", ONE, LONG)) {
      assertThat(client.deviceId()).isEqualTo("test");
      byte[] longest = new byte[DataFrame.ORIGINAL_MAX_DATA];
      client.sendBytes(longest);
      client.sendBytes(new byte[] {1});
      assertThat(client.receiveBytes(LONG)).isEqualTo(longest);
      assertThat(client.receiveBytes(LONG)).isEqualTo(new byte[] {1});
      assertThatExceptionOfType(EOFException.class)
          .isThrownBy(() -> client.receiveBytes(LONG))
          .withMessage("the server has closed the session");
    }
    server.get();
  }

  @Test
  void framesThatComeWithTheReplyAndInPiecesAreReceived() throws Exception {
    var server =
        serve(s -> {
          byte[] reply = s.reply(TWO);
          byte[] one = s.frame("one");
          s.write(concat(reply, one, s.frame("two")));
          for (byte each : s.frame("three")) {
            s.write(new byte[] {each});
          }
        });
    try (SoftBusClient client = open()) {
      for (String each : new String[] {"one", "two", "three"}) {
        assertThat(client.receiveBytes(LONG)).asString(US_ASCII).isEqualTo(each);
      }
    }
    server.get();
  }

  private static byte[] concat(byte[]... pieces) {
    int length = Arrays.stream(pieces).mapToInt(each -> each.length).sum();
    ByteBuffer all = ByteBuffer.allocate(length);
    Arrays.stream(pieces).forEach(all::put);
    return all.array();
  }

  @Test
  void aTimeoutLosesNothing() throws Exception {
    var server =
        serve(s -> {
          byte[] frame = s.frame("late");
          s.write(s.reply(ONE), Arrays.copyOf(frame, 20));
          s.receive();
          s.write(Arrays.copyOfRange(frame, 20, frame.length));
        });
    try (SoftBusClient client = open()) {
      assertThatExceptionOfType(SocketTimeoutException.class)
          .isThrownBy(() -> client.receiveBytes(SHORT));
      client.sendBytes(new byte[] {1});
      assertThat(client.receiveBytes(LONG)).asString(US_ASCII).isEqualTo("late");
    }
    server.get();
  }

  @Test
  void aRefusalIsSaid() throws Exception {
    var server = serve(_ -> {});
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(this::open)
        .withMessage("the server has refused the session");
    server.get();
  }

  @Test
  void aReplyUnderAKeyThatTheClientDoesNotHaveIsRefused() throws Exception {
    var server = serve(s -> s.write(s.reply(TWO)));
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SoftBusClient.open(address(), "com.example.a", ONE, LONG))
        .withMessageContaining("authentication key 2");
    server.get();
  }

  @Test
  void aReplayedFrameIsRefused() throws Exception {
    var server =
        serve(s -> {
          byte[] frame = s.frame("once");
          s.write(s.reply(ONE), frame, frame);
        });
    try (SoftBusClient client = open()) {
      assertThat(client.receiveBytes(LONG)).hasSize(4);
      assertThatExceptionOfType(SoftBusException.class)
          .isThrownBy(() -> client.receiveBytes(LONG))
          .withMessageContaining("replayed");
    }
    server.get();
  }

  @Test
  void dataToSendHasABound() throws Exception {
    var server =
        serve(s -> {
          s.write(s.reply(ONE));
          s.receive();
        });
    try (SoftBusClient client = open()) {
      for (int wrong : new int[] {0, DataFrame.ORIGINAL_MAX_DATA + 1}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> client.sendBytes(new byte[wrong]))
            .withMessageContaining("allowed: 1 to 4048");
      }
      client.sendBytes(new byte[1]);
    }
    server.get();
  }
}
