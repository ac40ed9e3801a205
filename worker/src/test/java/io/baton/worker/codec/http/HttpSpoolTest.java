package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.baton.config.CodecSettings;
import io.baton.config.SettingsFixture;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.worker.NoLeaks;
import io.baton.worker.session.ManagedSession;
import io.baton.worker.session.Probe;
import io.baton.worker.session.SessionHarness;
import io.baton.worker.session.TestRoutes;
import io.baton.worker.spool.MappedBody;
import io.baton.worker.spool.TestSpool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.LeakPresenceDetector;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies too large for memory. */
@ExtendWith(NoLeaks.class)
final class HttpSpoolTest {
  private static final int IN_MEMORY = 1024;
  private static final int MAX_CONTENT = 4 * 1024 * 1024;
  private static final int MAX_SPOOLED = 1024 * 1024;
  private static final String GET = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";

  private final TestSpool disk = new TestSpool(MAX_SPOOLED);
  private final SessionHarness<FullHttpRequest, HttpObject> harness =
      new SessionHarness<>(
          new HttpCodec(bounds(MAX_CONTENT), InstantSource.system(), disk.spool),
          TestRoutes.options("read-timeout = 60s"));
  private final Probe<FullHttpRequest, HttpObject> probe = harness.probe;
  private final List<String> bodies = new ArrayList<>();
  private final List<Boolean> mapped = new ArrayList<>();

  private static CodecSettings.Http bounds(int maxContent) {
    return SettingsFixture.http(
        """
        max-request-line = 64
        max-header = 256
        max-content = %d
        max-content-in-memory = %d
        """
            .formatted(maxContent, IN_MEMORY));
  }

  @BeforeEach
  void connects() throws Exception {
    harness.open();
    probe.onReceived =
        (session, request) -> {
          bodies.add(request.content().toString(StandardCharsets.ISO_8859_1));
          mapped.add(MappedBody.isBehind(request.content()));
          session.send(ok(request));
        };
  }

  @AfterEach
  void disconnects() {
    harness.close();
    disk.work();
    assertThat(disk.spool.bytes()).as("what is still reserved").isZero();
  }

  private static HttpObject ok(FullHttpRequest request) {
    String text = request.uri() + " " + request.headers().get("content-length");
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1,
        HttpResponseStatus.OK,
        Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  private static String post(int length, String... more) {
    return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n%s\r\n"
        .formatted(length, String.join("", more));
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  private static final String CHUNKED =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

  /** The disk does all it has to, and the event loop what comes of it. */
  private void work() {
    while (disk.jobs() > 0) {
      disk.work();
      harness.channel.runPendingTasks();
    }
  }

  private void assertRefused() {
    assertThat(harness.out())
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains("retry-after: 1\r\n", "connection: close\r\n")
        .doesNotContain("100 Continue")
        .containsOnlyOnce("HTTP/1.1");
    assertThat(probe.events).endsWith("closed LIMIT");
    assertThat(disk.spool.refusals()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {IN_MEMORY - 1, IN_MEMORY, IN_MEMORY + 1, 20_000, 300_000})
  void aBodyOfKnownLengthGoesToAFileIfItIsTooLargeForMemory(int length) {
    String body = "0123456789".repeat(length / 10 + 1).substring(0, length);
    harness.client(post(length) + body.substring(0, length / 2));
    work();
    harness.client(body.substring(length / 2));
    work();
    assertThat(bodies).containsExactly(body);
    assertThat(mapped).containsExactly(length > IN_MEMORY);
    assertThat(harness.out()).endsWith("/ " + length);
  }

  @Test
  void aBodyInChunksGoesToAFileOnceItIsTooLargeForMemory() {
    String body = "x".repeat(700);
    harness.client(CHUNKED + chunk(body));
    assertThat(disk.jobs()).isZero();
    harness.client(chunk(body) + chunk(body) + "0\r\nA: b\r\n\r\n");
    work();
    assertThat(bodies).containsExactly(body + body + body);
    assertThat(mapped).containsExactly(true);
    assertThat(harness.out()).endsWith("/ 2100");
  }

  @Test
  void theConnectionIsKeptAndWhatCameBehindIsAnsweredNext() {
    harness.client(post(2000) + "x".repeat(2000) + GET + post(3000) + "y".repeat(3000) + GET);
    work();
    assertThat(bodies).containsExactly("x".repeat(2000), "", "y".repeat(3000), "");
    assertThat(harness.out().split("HTTP/1.1 200 OK", -1)).hasSize(5);
    assertThat(harness.isRead()).isTrue();
    harness.client(GET);
    assertThat(harness.out()).contains("/next ");
  }

  @Test
  void theClientsEndBehindABodyComesAfterItsAnswer() {
    harness.client(post(2000) + "x".repeat(2000));
    harness.clientEnds();
    assertThat(harness.channel.isOpen()).isTrue();
    work();
    assertThat(harness.out()).endsWith("/ 2000");
    assertThat(probe.events).containsExactly("opened", "received", "closed CLIENT");
  }

  @Test
  void theServiceCannotWriteToIt() {
    probe.onReceived =
        (_, request) ->
            assertThatExceptionOfType(ReadOnlyBufferException.class)
                .isThrownBy(() -> request.content().setByte(0, 1));
    harness.client(post(2000) + "x".repeat(2000));
    work();
    assertThat(probe.events).containsExactly("opened", "received");
  }

  @Test
  void itsRoomIsGivenBackWhenTheLastWhoRetainsItLetsGo() {
    List<ByteBuf> kept = new ArrayList<>();
    probe.onReceived =
        (session, request) -> {
          kept.add(request.content().retainedSlice(10, 5));
          session.send(ok(request));
        };
    harness.client(post(200_000) + "0123456789".repeat(20_000));
    work();
    assertThat(disk.spool.bytes()).isEqualTo(200_000);
    assertThat(kept.getFirst().toString(StandardCharsets.ISO_8859_1)).isEqualTo("01234");
    kept.getFirst().release();
    assertThat(disk.spool.bytes()).isZero();
    assertThat(disk.jobs()).isEqualTo(1); // the mapping ends on the spool's thread
  }

  @Test
  void aClientIsNotReadWhileTheDiskIsBehind() {
    harness.client(post(600_000) + "x".repeat(16_384));
    for (int sent = 16_384; harness.isRead(); sent += 16_384) {
      assertThat(sent).as("what is taken though nothing is written").isLessThan(300_000);
      harness.client("x".repeat(16_384));
    }
    harness.pass(Duration.ofMinutes(10)); // which is not the client's fault
    assertThat(harness.channel.isOpen()).isTrue();
    work();
    assertThat(harness.isRead()).isTrue();
  }

  @Test
  void noMemoryWaitsForADiskThatHangsOnceItsClientIsGone() {
    harness.client(post(100_000) + "x".repeat(50_000));
    assertThat(disk.jobs()).isEqualTo(1);
    harness.drop();
    LeakPresenceDetector.check(); // the job's buffer, too
    assertThat(disk.spool.bytes()).as("for the file may be there").isEqualTo(100_000);
  }

  @Test
  void aClientThatIsSilentInTheMiddleIsTimedOut() {
    harness.client(post(100_000) + "x".repeat(30_000));
    work();
    harness.pass(Duration.ofSeconds(61));
    assertThat(harness.out()).startsWith("HTTP/1.1 408 ");
    assertThat(probe.events).endsWith("closed TIMEOUT");
    work();
    assertThat(disk.spool.bytes()).isZero();
  }

  @Test
  void aFullDiskIsA503() {
    disk.fill();
    harness.client(post(100_000) + "x".repeat(30_000));
    work();
    assertRefused();
  }

  @Test
  void aDiskThatIsFullOnlyAtTheEndIsA503Too() {
    disk.fill();
    harness.client(CHUNKED + chunk("x".repeat(2_000)) + chunk(""));
    work();
    assertRefused();
  }

  @Test
  void aLengthThatDoesNotFitIsRefusedBeforeTheBodyIsAskedFor() {
    harness.client(post(MAX_SPOOLED + 1, "Expect: 100-continue\r\n"));
    assertRefused();
    assertThat(disk.jobs()).isZero();
  }

  @Test
  void aBodyThatFitsIsAskedFor() {
    harness.client(post(MAX_SPOOLED, "Expect: 100-continue\r\n"));
    assertThat(harness.out()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    assertThat(disk.spool.bytes()).isEqualTo(MAX_SPOOLED);
  }

  @Test
  void chunksThatComeToMoreThanFitsAreRefused() {
    String piece = chunk("x".repeat(60_000));
    harness.client(CHUNKED);
    for (int i = 0; i < 17; i++) {
      harness.client(piece);
      work();
    }
    assertThat(disk.spool.refusals()).isZero();
    harness.client(piece);
    assertRefused();
  }

  @Test
  void moreThanAllowedIs413AsInMemory() throws Exception {
    try (SessionHarness<FullHttpRequest, HttpObject> small =
        new SessionHarness<FullHttpRequest, HttpObject>(
                new HttpCodec(bounds(5000), InstantSource.system(), disk.spool))
            .open()) {
      small.client(CHUNKED + chunk("x".repeat(3000)) + chunk("x".repeat(2001)));
      assertThat(small.out()).startsWith("HTTP/1.1 413 ");
      assertThat(small.probe.events).endsWith("closed PROTOCOL");
    }
    work();
    assertThat(disk.spool.bytes()).isZero();
    assertThat(disk.spool.refusals()).isZero();
  }

  /** All the ways in which a body that is not wanted any more can end, at each of its stages. */
  enum Ending {
    CLIENT_GONE {
      @Override
      void happen(HttpSpoolTest test) {
        test.harness.drop();
      }
    },
    CLIENT_ENDED {
      @Override
      void happen(HttpSpoolTest test) {
        test.harness.clientEnds();
        test.harness.drop();
      }
    },
    SERVICE_CLOSED {
      @Override
      void happen(HttpSpoolTest test) {
        test.probe.session().close(CloseReason.SERVICE);
      }
    },
    MALFORMED {
      @Override
      void happen(HttpSpoolTest test) {
        test.harness.client("no chunk\r\n\r\n");
      }
    },
    DRAINED {
      @Override
      void happen(HttpSpoolTest test) {
        test.harness.context().sessions().all().forEach(ManagedSession::goodbye);
        test.harness.context().sessions().all().forEach(ManagedSession::abort);
      }
    };

    abstract void happen(HttpSpoolTest test);
  }

  @ParameterizedTest
  @EnumSource
  void howeverAConnectionEndsNothingIsLeft(Ending ending) {
    harness.client(CHUNKED + chunk("x".repeat(20_000)) + chunk("y".repeat(30_000)));
    ending.happen(this);
    work();
    assertThat(disk.spool.bytes()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void norIfItsBodyWasWrittenAndMoreIsWaiting(Ending ending) {
    harness.client(CHUNKED + chunk("x".repeat(20_000)));
    work();
    harness.client(chunk("y".repeat(30_000)) + chunk("z".repeat(10)));
    ending.happen(this);
    work();
    assertThat(disk.spool.bytes()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = "MALFORMED", mode = EnumSource.Mode.EXCLUDE)
  void norIfItsBodyWasMappedButNotHandedOut(Ending ending) {
    harness.client(CHUNKED + chunk("x".repeat(20_000)) + chunk(""));
    disk.workOnce(); // written
    harness.channel.runPendingTasks();
    disk.workOnce(); // mapped; what the loop would do about it comes after the end
    ending.happen(this);
    work();
    assertThat(bodies).isEmpty();
    assertThat(disk.spool.bytes()).isZero();
  }

  @Test
  void aBodyThatAServiceHoldsOutlivesItsConnection() {
    List<Hold> holds = new ArrayList<>();
    List<FullHttpRequest> requests = new ArrayList<>();
    probe.onReceived =
        (session, request) -> {
          holds.add(session.hold());
          requests.add(request);
        };
    harness.client(post(2000) + "x".repeat(2000));
    work();
    harness.drop();
    work();
    assertThat(requests.getFirst().content().getByte(1999)).isEqualTo((byte) 'x');
    holds.getFirst().release();
    work();
    assertThat(disk.spool.bytes()).isZero();
  }
}
