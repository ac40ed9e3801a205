package io.baton.worker.codec.websocket;

import static io.baton.worker.codec.websocket.Frames.FIN;
import static io.baton.worker.codec.websocket.Frames.RSV1;
import static io.baton.worker.codec.websocket.Frames.begin;
import static io.baton.worker.codec.websocket.Frames.close;
import static io.baton.worker.codec.websocket.Frames.end;
import static io.baton.worker.codec.websocket.Frames.frame;
import static io.baton.worker.codec.websocket.Frames.more;
import static io.baton.worker.codec.websocket.Frames.packed;
import static io.baton.worker.codec.websocket.Frames.ping;
import static io.baton.worker.codec.websocket.Frames.promise;
import static io.baton.worker.codec.websocket.Frames.server;
import static io.baton.worker.codec.websocket.Frames.serverClose;
import static io.baton.worker.codec.websocket.Frames.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.codec.Flow.Phase;
import io.baton.codec.Saved;
import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.RecordedSession;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.util.LeakPresenceDetector;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(NoLeaks.class)
final class WebSocketFlowTest {
  private static final int MAX = 1000;

  /** More than fits while memory is short. */
  private static final int LONG = 100_000;

  private final RecordedSession connection =
      new RecordedSession(new WebSocketCodec(MAX, false), Echo.service());

  @AfterEach
  void disconnects() {
    connection.close();
  }

  private void client(Frames... frames) {
    connection.read(Frames.of(frames));
  }

  private String output() {
    return connection.outcome().output();
  }

  private static String said(String text) {
    return server(FIN | 1, text);
  }

  @ParameterizedTest
  @CsvSource({
    "SERVICE, 1000",
    "TIMEOUT, 1001",
    "PROTOCOL, 1002",
    "ERROR, 1011",
    "SHUTDOWN, 1012",
    "LIMIT, 1013"
  })
  void theEndHasACode(CloseReason why, int code) {
    connection.end(why);
    assertThat(output()).isEqualTo(serverClose(code));
  }

  @ParameterizedTest
  @EnumSource(names = {"CLIENT", "MOVED"})
  void aClientThatIsGoneOrNotToNoticeIsToldNothing(CloseReason why) {
    connection.end(why);
    assertThat(output()).isEmpty();
  }

  @Test
  void aDrainAsksTheClientToGoAndEndsWithItsAnswer() {
    client(text("a"));
    connection.drain();
    client(text("on its way"), close(1012, ""));
    assertThat(output()).isEqualTo(said("a") + serverClose(1012));
    assertThat(connection.outcome().messages()).containsExactly("text a", "text on its way");
    assertThat(connection.outcome().end()).isEqualTo(CloseReason.SHUTDOWN);
  }

  @Test
  void aDrainEndsWithTheClientAnyway() {
    connection.drain();
    assertThat(connection.finish().end()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void aSessionThatWasAskedToGoDoesNotMove() {
    assertThat(connection.move()).isTrue();
    connection.drain();
    assertThat(connection.flow().save()).isEmpty();
    assertThat(connection.move()).isFalse();
  }

  @Test
  void aServiceMayCloseWithACodeOfItsOwn() {
    connection.send(new CloseWebSocketFrame(4001, ""));
    connection.send(new TextWebSocketFrame("too late"));
    assertThat(output()).isEqualTo(serverClose(4001));
    client(close(4001, ""));
    assertThat(output()).isEqualTo(serverClose(4001));
    assertThat(connection.outcome().end()).isEqualTo(CloseReason.SERVICE);
  }

  @Test
  void aServiceMaySendFragmentsAndPings() {
    connection.send(new TextWebSocketFrame(false, 0, "a"));
    connection.send(new PingWebSocketFrame(Unpooled.copiedBuffer("p", UTF_8)));
    connection.send(new ContinuationWebSocketFrame(true, 0, "b"));
    assertThat(output()).isEqualTo(server(1, "a") + server(FIN | 9, "p") + server(FIN, "b"));
  }

  @Test
  void aMessageThatIsNotWholeIsABody() {
    assertThat(connection.flow().phase()).isEqualTo(Phase.IDLE);
    client(begin("a"));
    assertThat(connection.flow().phase()).isEqualTo(Phase.BODY);
    client(end("b"));
    assertThat(connection.flow().phase()).isEqualTo(Phase.IDLE);
    client(Frames.raw("\u0081"));
    assertThat(connection.flow().phase()).isEqualTo(Phase.BODY);
  }

  @Test
  void aClientThatIsAskedToGoIsToAnswerSoon() {
    connection.drain();
    assertThat(connection.flow().phase()).isEqualTo(Phase.HEAD);
  }

  @Test
  void messagesAndWhatIsBehindThemWaitForTheWindow() {
    connection.busy(true);
    client(ping("1"), text("a"), ping("2"), close(1000, ""));
    assertThat(output()).isEqualTo(server(FIN | 10, "1"));
    assertThat(connection.flow().phase()).isEqualTo(Phase.ANSWER);
    connection.busy(false);
    assertThat(output())
        .isEqualTo(server(FIN | 10, "1") + said("a") + server(FIN | 10, "2") + serverClose(1000));
  }

  @Test
  void pingsOfAClientThatTakesNoPongsAreAnsweredOnceByTheLatest() {
    connection.writable(false);
    client(ping("1"), ping("2"), ping("3"));
    assertThat(output()).isEmpty();
    connection.writable(true);
    assertThat(output()).isEqualTo(server(FIN | 10, "3"));
  }

  @Test
  void anUnansweredPingMoves() {
    connection.writable(false);
    client(ping("1"), begin("a"), more("b"));
    assertThat(connection.move()).isTrue();
    client(end("c"));
    assertThat(output()).isEqualTo(server(FIN | 10, "1") + said("abc"));
  }

  @Test
  void betweenMessagesNothingIsHeld() {
    client(text("a"), ping("p"), begin("b"), end("c"), text("x".repeat(MAX)));
    LeakPresenceDetector.check();
    assertThat(connection.held()).isZero();
    assertThat(connection.outcome().messages()).hasSize(3);
  }

  @Test
  void whatIsKeptOfAMessageIsHeld() {
    client(begin("x".repeat(100)));
    assertThat(connection.held()).isGreaterThanOrEqualTo(100);
    assertThat(connection.move()).isTrue();
    assertThat(connection.held()).as("in the next worker").isGreaterThanOrEqualTo(100);
    client(end("y"));
    assertThat(connection.held()).isZero();
  }

  @Test
  void aMessageForWhichThereIsNoMemoryIsRefusedByItsHeader() {
    try (RecordedSession large =
        new RecordedSession(new WebSocketCodec(LONG, false), Echo.service())) {
      large.memoryIsShort();
      large.read(Frames.of(text("a"), promise(FIN | 1, LONG)));
      assertThat(large.outcome().messages()).containsExactly("text a");
      assertThat(large.outcome().output()).isEqualTo(said("a") + serverClose(1013));
      assertThat(large.outcome().end()).isEqualTo(CloseReason.LIMIT);
    }
  }

  @Test
  void fragmentsWithoutEndAndWithoutBytesTakeNoRoom() {
    client(begin(""));
    for (int i = 0; i < 10_000; i++) {
      client(more(""));
    }
    assertThat(connection.flow().save().orElseThrow().unread().remaining()).isLessThan(10);
    assertThat(connection.outcome().end()).isNull();
  }

  @Test
  void whatWasAgreedOnMovesAlong() {
    RecordedSession agreed = new RecordedSession(new WebSocketCodec(MAX, true), Echo.service());
    try (agreed) {
      assertThat(agreed.move(new WebSocketCodec(MAX, false))).isTrue();
      agreed.read(Frames.of(frame(FIN | RSV1 | 1, packed("hi".getBytes(UTF_8)))));
      assertThat(agreed.outcome().messages()).containsExactly("text hi");
    }
    client(frame(FIN | RSV1 | 1, packed("hi".getBytes(UTF_8))));
    assertThat(connection.outcome().end()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void whatAnotherCodecOrVersionSavedIsRefused() {
    ByteBuffer none = ByteBuffer.allocate(0);
    ByteBuffer state = ByteBuffer.wrap(new byte[] {1});
    refuses(new Saved("http", 1, state, none), "saved by http in version 1");
    refuses(new Saved("websocket", 3, state, none), "saved by websocket in version 3");
    refuses(new Saved("websocket", 2, none, none), "a websocket's state of 0 bytes");
    refuses(new Saved("websocket", 2, state, none), "tokens of 0 bytes");
    refuses(new Saved("websocket", 1, none, none), "a websocket's state of 0 bytes");
  }

  private static void refuses(Saved saved, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebSocketCodec.State.of(saved))
        .withMessageStartingWith(why);
  }
}
