package io.baton.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientTest {
  private final List<String> lost = new ArrayList<>();
  private Window window = new Window(8);
  private final Client client =
      new Client(
          7,
          new Client.Listener() {
            @Override
            public void opened() {}

            @Override
            public void lost(String why) {
              lost.add(why);
            }

            @Override
            public Window window() {
              return window;
            }
          });
  private final EmbeddedChannel channel = new EmbeddedChannel(client);

  @BeforeEach
  void open() {
    channel.pipeline().fireUserEventTriggered(ClientHandshakeStateEvent.HANDSHAKE_COMPLETE);
  }

  @AfterEach
  void release() {
    channel.finishAndReleaseAll();
  }

  private String probe() {
    client.probe(System.nanoTime());
    TextWebSocketFrame frame = channel.readOutbound();
    String text = frame.text();
    frame.release();
    return text;
  }

  private void answer(String text) {
    channel.writeInbound(new TextWebSocketFrame(text));
  }

  @Test
  void answersInOrderAreCounted() {
    assertThat(probe()).isEqualTo("7 0");
    assertThat(probe()).isEqualTo("7 1");
    answer("7 0");
    assertThat(client.owes()).isTrue();
    answer("7 1");

    assertThat(client.owes()).isFalse();
    assertThat(window.answersNanos.getTotalCount()).isEqualTo(2);
    assertThat(window.longestNanos(7)).isPositive();
    assertThat(lost).isEmpty();
  }

  @Test
  void aProbeUnderWayWhenAStretchBeginsBelongsToBoth() {
    probe();
    Window before = window;
    window = new Window(8);
    answer("7 0");

    assertThat(before.answersNanos.getTotalCount()).isEqualTo(1);
    assertThat(window.answersNanos.getTotalCount()).isEqualTo(1);
  }

  @Test
  void aLostAnswerEndsIt() {
    probe();
    probe();
    answer("7 1");

    assertThat(lost).containsExactly("session 7 was answered \"7 1\", not \"7 0\"");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aDoubledAnswerEndsIt() {
    probe();
    answer("7 0");
    answer("7 0");

    assertThat(lost).containsExactly("session 7 was answered without a question: 7 0");
  }

  @Test
  void aGoodbyeEndsItAndIsToldOnce() {
    probe();
    channel.writeInbound(new CloseWebSocketFrame(1012, "service restart"));
    var _ = channel.close();

    assertThat(lost).containsExactly("session 7 was closed by the server: 1012 service restart");
    assertThat(client.owes()).isFalse();
  }

  @Test
  void anEndWithoutAWordIsALoss() {
    var _ = channel.close();

    assertThat(lost).containsExactly("session 7 was ended by the server without a word");
  }

  @Test
  void itsOwnEndIsNoLoss() {
    client.close();
    channel.runPendingTasks();

    assertThat(channel.isOpen()).isFalse();
    assertThat(lost).isEmpty();
  }

  @Test
  void whatIsNeverAnsweredIsALoss() {
    probe();
    client.giveUp();

    assertThat(lost).containsExactly("session 7 left 1 of 1 probes unanswered");
  }
}
