package io.baton.link;

import static io.baton.link.ScriptedMonitor.hangsUp;
import static io.baton.link.ScriptedMonitor.says;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60) // only so that a dialer that hangs fails the test instead of hanging it
final class GuestDialerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path dir;
  private Path socket = Path.of("");

  @BeforeEach
  void name() {
    socket = dir.resolve("v.sock");
  }

  private GuestDialer dialer(FakeTime time) {
    return new GuestDialer(socket, time, () -> 1);
  }

  private static Duration[] ms(int... each) {
    Duration[] durations = new Duration[each.length];
    for (int i = 0; i < each.length; i++) {
      durations[i] = Duration.ofMillis(each[i]);
    }
    return durations;
  }

  private static String read(SocketChannel channel, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
    return new String(bytes.array(), 0, bytes.position(), US_ASCII);
  }

  @Test
  void aGuestThatListensIsConnectedTo() throws Exception {
    FakeTime time = FakeTime.withAnswers();
    try (var monitor = new ScriptedMonitor(socket, says("OK 1073741824\n"))) {
      GuestConnection connection = dialer(time).dial(5000, PATIENCE);

      assertThat(connection.hostPort()).isEqualTo(1_073_741_824);
      assertThat(connection.channel().isBlocking()).isTrue();
      assertThat(time.slept()).isEmpty();

      connection.close();
      monitor.awaitTheEnd();
      assertThat(monitor.requests()).containsExactly("CONNECT 5000");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 65_536, 4_294_967_294L})
  void aPortHas32Bits(long port) throws Exception {
    try (var monitor = new ScriptedMonitor(socket, says("OK 4294967295\n"));
        var connection = dialer(FakeTime.withAnswers()).dial(port, PATIENCE)) {
      assertThat(connection.hostPort()).isEqualTo(4_294_967_295L);
      assertThat(monitor.requests()).containsExactly("CONNECT " + port);
    }
  }

  @Test
  void whatComesRightBehindTheAnswerIsTheCallers() throws Exception {
    try (var _ = new ScriptedMonitor(socket, says("OK 1024\nhello\nOK 2\n"));
        var connection = dialer(FakeTime.withAnswers()).dial(5000, PATIENCE)) {
      assertThat(connection.hostPort()).isEqualTo(1024);
      assertThat(read(connection.channel(), 11)).isEqualTo("hello\nOK 2\n");
    }
  }

  @Test
  void bothSidesCanTalkAfterwards() throws Exception {
    ScriptedMonitor.Script echo =
        client -> {
          client.write(ByteBuffer.wrap("OK 1\n".getBytes(US_ASCII)));
          client.write(ByteBuffer.wrap(read(client, 4).getBytes(US_ASCII)));
        };
    try (var _ = new ScriptedMonitor(socket, echo);
        var connection = dialer(FakeTime.withAnswers()).dial(5000, PATIENCE)) {
      connection.channel().write(ByteBuffer.wrap("ping".getBytes(US_ASCII)));
      assertThat(read(connection.channel(), 5)).isEqualTo("ping"); // and then its end
    }
  }

  @Test
  void aLateAnswerIsWaitedFor() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    FakeTime time = FakeTime.atEachWait(waits::countDown);
    ScriptedMonitor.Script late =
        client -> {
          waits.await();
          says("OK 7\n").play(client);
        };
    try (var _ = new ScriptedMonitor(socket, late);
        var connection = dialer(time).dial(5000, PATIENCE)) {
      assertThat(connection.hostPort()).isEqualTo(7);
      assertThat(time.slept()).isEmpty();
    }
  }

  @Test
  void anAnswerMayComeInPieces() throws Exception {
    Semaphore waits = new Semaphore(0);
    FakeTime time = FakeTime.atEachWait(waits::release);
    ScriptedMonitor.Script pieces =
        client -> {
          for (String piece : List.of("O", "K 10", "24\nrest")) {
            waits.acquire(); // the dialer has read all before it
            client.write(ByteBuffer.wrap(piece.getBytes(US_ASCII)));
          }
          ScriptedMonitor.waitForItsEnd(client);
        };
    try (var _ = new ScriptedMonitor(socket, pieces);
        var connection = dialer(time).dial(5000, PATIENCE)) {
      assertThat(connection.hostPort()).isEqualTo(1024);
      assertThat(read(connection.channel(), 4)).isEqualTo("rest");
    }
  }

  @Test
  void aGuestThatDoesNotListenYetIsTriedAgainWithLongerAndLongerDelays() throws Exception {
    FakeTime time = FakeTime.withAnswers();
    try (var monitor =
        new ScriptedMonitor(
            socket, hangsUp(), hangsUp(), hangsUp(), hangsUp(), hangsUp(), says("OK 9\n"))) {
      dialer(time).dial(5000, PATIENCE).close();

      monitor.awaitTheEnd();
      assertThat(monitor.requests()).hasSize(6).containsOnly("CONNECT 5000");
      assertThat(time.slept()).containsExactly(ms(10, 20, 40, 80, 160));
    }
  }

  @Test
  void chanceShortensTheDelays() throws Exception {
    FakeTime time = FakeTime.withAnswers();
    try (var _ = new ScriptedMonitor(socket, hangsUp(), hangsUp(), says("OK 9\n"))) {
      new GuestDialer(socket, time, () -> 0).dial(5000, PATIENCE).close();
      assertThat(time.slept()).containsExactly(ms(5, 10));
    }
  }

  @Test
  void aMonitorThatHangsUpWithoutReadingTheRequestIsTriedAgain() throws Exception {
    FakeTime time = FakeTime.withAnswers();
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      FutureTask<SocketChannel> second =
          new FutureTask<>(() -> {
            server.accept().close();
            SocketChannel client = server.accept();
            client.write(ByteBuffer.wrap("OK 4\n".getBytes(US_ASCII)));
            return client;
          });
      Thread.ofVirtual().start(second);

      try (var connection = dialer(time).dial(5000, PATIENCE);
          var _ = second.get()) {
        assertThat(connection.hostPort()).isEqualTo(4);
        assertThat(time.slept()).containsExactly(ms(10));
      }
    }
  }

  @Test
  void anAnswerThatBreaksOffIsTriedAgain() throws Exception {
    FakeTime time = FakeTime.withAnswers();
    ScriptedMonitor.Script half =
        client -> client.write(ByteBuffer.wrap("OK 1".getBytes(US_ASCII)));
    try (var _ = new ScriptedMonitor(socket, half, says("OK 12\n"));
        var connection = dialer(time).dial(5000, PATIENCE)) {
      assertThat(connection.hostPort()).isEqualTo(12);
      assertThat(time.slept()).containsExactly(ms(10));
    }
  }

  @Test
  void aSocketThatDoesNotExistYetIsWaitedFor() throws Exception {
    AtomicInteger sleeps = new AtomicInteger();
    List<ScriptedMonitor> started = new ArrayList<>();
    FakeTime time =
        FakeTime.atEachSleep(() -> {
          if (sleeps.incrementAndGet() == 3) {
            started.add(new ScriptedMonitor(socket, says("OK 3\n")));
          }
        });

    dialer(time).dial(5000, PATIENCE).close();

    assertThat(time.slept()).containsExactly(ms(10, 20, 40));
    started.getFirst().close();
  }

  @Test
  void aStaleSocketIsWaitedForUntilPatienceEnds() throws Exception {
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket))
        .close();
    FakeTime time = FakeTime.withAnswers();

    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(() -> dialer(time).dial(5000, Duration.ofSeconds(4)))
        .withCauseInstanceOf(ConnectException.class);

    assertThat(time.slept())
        .as("the last delay leaves time for an attempt")
        .containsExactly(ms(10, 20, 40, 80, 160, 320, 640, 1_000, 1_000, 680));
  }

  @Test
  void theMessageSaysWhereWhatHowOftenWhyAndWhatToDo() {
    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(() -> dialer(FakeTime.withAnswers()).dial(5000, Duration.ofMillis(100)))
        .withMessageStartingWith(
            "no connection to port 5000 of the guest behind %s within 0.1 s, in 4 attempts; the last"
                + " one: ",
            socket)
        .withMessageEndingWith(
            ". Check that the machine runs, that %s is its monitor's socket and that something in it"
                + " listens on vsock port 5000, or allow more time",
            socket);
  }

  @Test
  void aGuestThatIsNeverUpIsGivenUpWithWhatItDidLast() throws Exception {
    try (var _ = new ScriptedMonitor(socket, hangsUp())) {
      assertThatExceptionOfType(ConnectException.class)
          .isThrownBy(() -> dialer(FakeTime.withAnswers()).dial(5000, GuestDialer.LAST_ATTEMPT))
          .withMessageContaining("in 1 attempt;")
          .withMessageContaining(
              "closed without an answer, as when no process in the guest listens")
          .withCauseInstanceOf(EOFException.class);
    }
  }

  @Test
  void aMonitorThatNeverAnswersIsGivenUpAtTheDeadline() throws Exception {
    FakeTime time = FakeTime.withoutAnswers();
    try (var monitor = new ScriptedMonitor(socket, says())) {
      assertThatExceptionOfType(ConnectException.class)
          .isThrownBy(() -> dialer(time).dial(5000, PATIENCE))
          .withMessageContaining("no answer in time")
          .withCauseInstanceOf(SocketTimeoutException.class);
      monitor.awaitTheEnd();
      assertThat(time.slept()).isEmpty();
    }
  }

  @Test
  void theRealClockEndsTheWaitForAnAnswerToo() throws Exception {
    try (var monitor = new ScriptedMonitor(socket, says())) {
      assertThatExceptionOfType(ConnectException.class)
          .isThrownBy(() -> new GuestDialer(socket).dial(5000, Duration.ofMillis(60)))
          .withMessageContaining("no answer in time");
      monitor.awaitTheEnd();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "OK\n",
        "OK \n",
        "OK x\n",
        "OK -1\n",
        "OK 4294967296\n",
        "OK 10\r\n",
        "ok 10\n",
        " OK 10\n",
        "OK 10 \n",
        "\n",
        "HTTP/1.1 400 Bad Request\r\n"
      })
  void anAnswerOfAnotherProtocolIsNotTriedAgain(String answer) throws Exception {
    FakeTime time = FakeTime.withAnswers();
    try (var monitor = new ScriptedMonitor(socket, says(answer))) {
      assertThatExceptionOfType(ProtocolException.class)
          .isThrownBy(() -> dialer(time).dial(5000, PATIENCE))
          .withMessageContaining(answer.strip());
      monitor.awaitTheEnd(); // the connection was closed
      assertThat(time.slept()).isEmpty();
    }
  }

  @Test
  void anAnswerWithoutAnEndIsReadUpToItsBoundAndShownPrintable() throws Exception {
    String endless = "OK 1\u001b[31m\0" + "x".repeat(1_000);
    try (var monitor = new ScriptedMonitor(socket, says(endless))) {
      assertThatExceptionOfType(ProtocolException.class)
          .isThrownBy(() -> dialer(FakeTime.withAnswers()).dial(5000, PATIENCE))
          .withMessage(
              "a virtual machine monitor answers \"OK PORT\\n\", but this socket said"
                  + " \"OK 1\\x1b[31m\\x00%s\"",
              "x".repeat(Handshake.MAX_ANSWER_BYTES - 10));
      monitor.awaitTheEnd();
    }
  }

  @Test
  void whoWaitsForAnAnswerCanBeInterrupted() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    FakeTime time = FakeTime.atEachWait(waits::countDown);
    try (var monitor = new ScriptedMonitor(socket, says())) {
      FutureTask<GuestConnection> dialing =
          new FutureTask<>(() -> dialer(time).dial(5000, PATIENCE));
      Thread thread = Thread.ofVirtual().start(dialing);
      waits.await();
      thread.interrupt();

      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(dialing::get)
          .withCauseInstanceOf(InterruptedException.class);
      monitor.awaitTheEnd();
    }
  }

  @Test
  void whoWaitsForTheNextAttemptCanBeInterrupted() {
    FutureTask<GuestConnection> dialing =
        new FutureTask<>(() -> new GuestDialer(socket).dial(5000, Duration.ofDays(365_000)));
    Thread thread = Thread.ofVirtual().start(dialing);
    thread.interrupt();

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(dialing::get)
        .withCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void failuresLeaveNoDescriptorBehind() throws Exception {
    int dials = 50;
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket), 2 * dials); // accepts nobody
      for (int i = 0; i < dials; i++) {
        failToDial();
      }
      long before = descriptors();
      for (int i = 0; i < dials; i++) {
        failToDial();
      }
      assertThat(descriptors()).isLessThan(before + dials / 2);
    }
  }

  private void failToDial() {
    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(() -> dialer(FakeTime.withoutAnswers()).dial(5000, PATIENCE))
        .withMessageContaining("no answer in time");
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  @Test
  void aPathThatNoSocketCanHaveIsRefusedAtOnce() {
    Path longest = Path.of("/" + "x".repeat(106));
    assertThat(new GuestDialer(longest)).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GuestDialer(Path.of(longest + "y")))
        .withMessageContaining("1 to 107 bytes")
        .withMessageContaining("has 108");
    assertThatIllegalArgumentException().isThrownBy(() -> new GuestDialer(Path.of("")));
  }

  @Test
  void aPortThatIsNoneAndNoPatienceAreRefusedAtOnce() {
    GuestDialer dialer = dialer(FakeTime.withAnswers());
    assertThatIllegalArgumentException().isThrownBy(() -> dialer.dial(-1, PATIENCE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dialer.dial(4_294_967_295L, PATIENCE))
        .withMessageContaining("from 0 to 4294967294");
    assertThatIllegalArgumentException().isThrownBy(() -> dialer.dial(5000, Duration.ZERO));
  }
}
