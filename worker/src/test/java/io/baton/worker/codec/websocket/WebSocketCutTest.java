package io.baton.worker.codec.websocket;

import static io.baton.worker.codec.websocket.Frames.FIN;
import static io.baton.worker.codec.websocket.Frames.RSV1;
import static io.baton.worker.codec.websocket.Frames.begin;
import static io.baton.worker.codec.websocket.Frames.binary;
import static io.baton.worker.codec.websocket.Frames.close;
import static io.baton.worker.codec.websocket.Frames.end;
import static io.baton.worker.codec.websocket.Frames.frame;
import static io.baton.worker.codec.websocket.Frames.more;
import static io.baton.worker.codec.websocket.Frames.packed;
import static io.baton.worker.codec.websocket.Frames.ping;
import static io.baton.worker.codec.websocket.Frames.pong;
import static io.baton.worker.codec.websocket.Frames.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.CutAnywhere;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class WebSocketCutTest {
  private final CutAnywhere plain = Echo.cut(new WebSocketCodec(2000, false));
  private final CutAnywhere packing = Echo.cut(new WebSocketCodec(2000, true));

  private static void movesAnywhere(CutAnywhere cut, byte[] talk) {
    assertThat(cut.everyCut(talk)).isEmpty();
    cut.randomly(talk, 200);
  }

  @Test
  void whatTheOtherTestsRelyOn() {
    CutAnywhere.Outcome outcome = plain.uncut(Frames.of(text("hi"), binary(new byte[] {1})));
    assertThat(outcome.messages()).containsExactly("text hi", "binary \1");
    assertThat(outcome.output()).isEqualTo("\u0081\2hi\u0082\1\1");
    assertThat(outcome.end()).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void movesAnywhereInMessages() {
    movesAnywhere(
        plain, Frames.of(text("Grüße"), binary(new byte[] {1, 2, 3}), text(""), text("rest")));
  }

  @Test
  void movesAnywhereInLongMessages() {
    movesAnywhere(plain, Frames.of(text("x".repeat(300)), ping("p"), text("y".repeat(126))));
  }

  @Test
  void movesAnywhereBetweenFragmentsAndThePingsAmongThem() {
    movesAnywhere(
        plain,
        Frames.of(
            begin("one "),
            ping("a"),
            more(""),
            more("tw"),
            pong("b"),
            ping(""),
            end("o"),
            frame(2, ""),
            frame(0, ""),
            end("three"),
            ping("last")));
  }

  @Test
  void movesAnywhereInPackedMessages() {
    byte[] long1 = packed("again and ".repeat(100).getBytes(UTF_8));
    byte[] short1 = packed("hello".getBytes(UTF_8));
    movesAnywhere(
        packing,
        Frames.of(
            frame(FIN | RSV1 | 1, long1),
            text("not packed"),
            frame(RSV1 | 1, Arrays.copyOf(short1, 3)),
            ping("a"),
            frame(FIN, Arrays.copyOfRange(short1, 3, short1.length)),
            frame(FIN | RSV1 | 2, short1)));
  }

  @Test
  void staysOnceTheClientHasClosed() {
    byte[] before = Frames.of(text("hi"), begin("on"), end("e"));
    byte[] talk = Frames.of(text("hi"), begin("on"), end("e"), close(1000, "bye"), text("late"));
    int closed = Frames.of(text("hi"), begin("on"), end("e"), close(1000, "bye")).length;
    assertThat(plain.everyCut(talk)).first().isEqualTo(closed);
    assertThat(plain.everyCut(talk)).hasSize(talk.length - closed + 1);
    assertThat(plain.everyCut(before)).isEmpty();
    plain.randomly(talk, 200);
  }

  @Test
  void breaksTheSameWhereverItIsCut() {
    byte[] talk = Frames.of(begin("on"), frame(FIN | 2, "not now"), text("late"));
    int broken = Frames.of(begin("on")).length + 6; // the header says it all
    assertThat(plain.everyCut(talk)).first().isEqualTo(broken);
    plain.randomly(talk, 100);
  }
}
