package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.LinkChannel;
import io.baton.link.LinkSession;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Named channels of messages in both directions. */
class ChannelTest extends MemoryServerTest {
  private final LinkedBlockingQueue<String> named = new LinkedBlockingQueue<>();
  private final RecordingHandler handler =
      new RecordingHandler() {
        @Override
        public void received(LinkSession<Note, Note> session, String channel, Note message) {
          named.add(channel + " " + message);
        }
      };

  /** Returns the number in "channel NUMBER NAME". */
  private static String number(String opened) {
    return opened.substring(opened.indexOf(' ') + 1, opened.lastIndexOf(' '));
  }

  @Test
  void messagesOfAChannelArriveWithItsName() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    LinkChannel<Note, Note> side = session.channel("side");
    assertThat(side.send(Note.of(1))).isTrue();
    assertThat(session.channel("side").send(Note.of(2))).isTrue();
    String opened = server.next();
    assertThat(opened).matches("channel \\d+ side");
    String number = number(opened);
    assertThat(server.next()).isEqualTo("MESSAGE " + number + " 1");
    assertThat(server.next()).isEqualTo("MESSAGE " + number + " 2");
    side.close();
    assertThat(server.next()).isEqualTo("ended " + number + " DONE");
    assertThat(side.send(Note.of(3))).isFalse();
  }

  @Test
  void theServersChannelIsToldWithItsName() throws Exception {
    open(handler);
    server.run(core -> core.send(core.openMessages("news"), 0, server.bytes(1)));
    server.run(core -> core.send(0, server.bytes(2)));
    assertThat(named.take()).isEqualTo("news " + Note.of(1));
    assertThat(handler.awaitNumbers(1)).containsExactly(2);
  }

  @Test
  void aFullChannelHoldsUpNoOther() throws Exception {
    server.consumes = false;
    LinkSession<Note, Note> session = open(handler);
    LinkChannel<Note, Note> full = session.channel("full");
    while (full.writable()) {
      full.send(new Note.Numbered(1, "x".repeat(10_000)));
    }
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () -> full.send(new Note.Numbered(2, "x".repeat(10_000))), Thread::startVirtualThread);
    assertThat(session.send(Note.of(7))).isTrue();
    assertThat(session.channel("other").send(Note.of(8))).isTrue();
    await(() -> server.told.contains("MESSAGE 0 7"));
    assertThat(full.writable()).isFalse();
    full.close();
    assertThat(waiting.get(30, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void aChannelGoesOnByItsNameInAReopenedSession() throws Exception {
    settings.reopen = lost -> {};
    LinkSession<Note, Note> session = open(handler);
    LinkChannel<Note, Note> side = session.channel("side");
    server.forget();
    assertThat(handler.next()).isEqualTo("opened");
    assertThat(handler.next()).isEqualTo("away");
    assertThat(handler.next()).isEqualTo("opened");
    server.told.clear();
    assertThat(side.send(Note.of(5))).isTrue();
    assertThat(server.next()).endsWith(" side");
    assertThat(server.next()).startsWith("MESSAGE").endsWith(" 5");
  }

  @Test
  void moreThan64ChannelsAreRefused() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    for (int i = 0; i < 64; i++) {
      assertThat(session.channel("c" + i).name()).isEqualTo("c" + i);
    }
    assertThat(session.channel("c63").name()).isEqualTo("c63");
    assertThatThrownBy(() -> session.channel("one more"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("64");
  }

  @Test
  void aNameHas1To255Bytes() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    assertThatThrownBy(() -> session.channel("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> session.channel("x".repeat(256)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(session.channel("x".repeat(255)).send(Note.of(1))).isTrue();
  }

  @Test
  void aClosedSessionSendsNothingOnItsChannels() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    LinkChannel<Note, Note> side = session.channel("side");
    session.close(18, "");
    assertThat(side.send(Note.of(1))).isFalse();
    assertThat(side.writable()).isFalse();
    side.close();
  }
}
