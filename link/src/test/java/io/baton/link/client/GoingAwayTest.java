package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Ending;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.core.LinkCode;
import io.baton.link.core.MessageKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a client hears of a server that stops, and of any other end. */
class GoingAwayTest extends MemoryServerTest {
  private final RecordingHandler handler =
      new RecordingHandler() {
        @Override
        public void goingAway(LinkSession<Note, Note> session, Duration comeBack) {
          told.add("going away, back after " + comeBack);
        }
      };

  private static int code(CompletableFuture<?> failed) {
    await(failed::isDone);
    return failed.exceptionNow() instanceof LinkException why ? why.code() : -1;
  }

  @Test
  void nothingNewBeginsOnceTheServerIsAboutToStop() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    CompletableFuture<Note> before = session.ask(Note.of(1));
    assertThat(server.next()).isEqualTo("ASK 0 1");
    server.run(core -> core.goAway(LinkCode.SHUTDOWN, 3_000));
    assertThat(List.of(handler.next(), handler.next()))
        .containsExactly("opened", "going away, back after PT3S");
    assertThat(code(session.ask(Note.of(2)))).isEqualTo(LinkCode.SHUTDOWN.number());
    assertThatThrownBy(
            () -> {
              try (var stream = session.stream("late")) {
                stream.write(1);
                stream.flush();
              }
            })
        .isInstanceOfSatisfying(
            LinkException.class, e -> assertThat(e.code()).isEqualTo(LinkCode.SHUTDOWN.number()));
    assertThat(session.send(Note.of(3))).isTrue();
    assertThat(server.next()).isEqualTo("MESSAGE 0 3");
    server.run(core -> core.reply(0, 1, 0, server.bytes(4)));
    assertThat(before.get(30, TimeUnit.SECONDS)).isEqualTo(Note.of(4));
  }

  @Test
  void aClientThatReopensStaysAwayAsLongAsItIsTold() throws Exception {
    List<Ending> lost = new ArrayList<>();
    settings.reopen = lost::add;
    LinkSession<Note, Note> session = open(handler);
    server.run(core -> core.goAway(LinkCode.SHUTDOWN, 60_000));
    server.run(core -> core.close(LinkCode.SHUTDOWN, "stopped"));
    assertThat(List.of(handler.next(), handler.next()))
        .containsExactly("opened", "going away, back after PT1M");
    await(() -> session.state() == LinkSession.State.AWAY);
    advance(Duration.ofMillis(59_999));
    assertThat(server.dialed()).isEqualTo(1);
    advance(Duration.ofMillis(30_001));
    assertThat(handler.next()).isEqualTo("opened");
    assertThat(server.dialed()).isEqualTo(2);
    assertThat(lost).containsExactly(new Ending(14, "stopped", false));
    server.onMessage =
        (core, channel, kind, ask, number) -> {
          if (kind == MessageKind.ASK) {
            core.reply(channel, ask, 0, server.bytes(number));
          }
        };
    assertThat(session.ask(Note.of(5)).get(30, TimeUnit.SECONDS)).isEqualTo(Note.of(5));
  }

  @Test
  void aClientThatIsClosedWhileItStaysAwayOpensNothing() throws Exception {
    settings.reopen = lost -> {};
    LinkSession<Note, Note> session = open(handler);
    server.run(core -> core.goAway(LinkCode.SHUTDOWN, 60_000));
    server.run(core -> core.close(LinkCode.SHUTDOWN, "stopped"));
    await(() -> session.state() == LinkSession.State.AWAY);
    session.close(18, "");
    assertThat(List.of(handler.next(), handler.next(), handler.next()))
        .containsExactly("opened", "going away, back after PT1M", "closed 18 ");
    advance(Duration.ofMinutes(5));
    assertThat(server.dialed()).isEqualTo(1);
  }

  @Test
  void everyCodeAndTextOfTheServerReachesTheHandler() throws Exception {
    List<Integer> codes = new ArrayList<>(List.of(256, 300, 65_535));
    for (LinkCode each : LinkCode.values()) {
      if (each != LinkCode.DONE && each != LinkCode.UNKNOWN) {
        codes.add(each.number());
      }
    }
    for (int code : codes) {
      MemoryServer other = new MemoryServer();
      RecordingHandler told = new RecordingHandler();
      openAt(other, told);
      other.run(core -> core.close(code, "because of " + code));
      assertThat(told.next()).isEqualTo("opened");
      assertThat(told.next()).isEqualTo("closed %d because of %d".formatted(code, code));
    }
  }

  @Test
  void everyCodeAndTextOfTheClientReachesTheServer() throws Exception {
    for (int code : List.of(1, 10, 16, 17, 18, 255, 256, 65_535)) {
      MemoryServer other = new MemoryServer();
      RecordingHandler told = new RecordingHandler();
      openAt(other, told).close(code, "because of " + code);
      assertThat(other.next()).isEqualTo("closed %d because of %d".formatted(code, code));
      assertThat(told.next()).isEqualTo("opened");
      assertThat(told.next()).isEqualTo("closed %d because of %d".formatted(code, code));
    }
  }
}
