package io.baton.link.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Ending;
import io.baton.link.LinkChannel;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Transfer;
import io.baton.link.core.LinkCode;
import io.baton.link.service.Wire.Sum;
import io.baton.service.CloseReason;
import io.baton.service.testkit.TestSession;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

final class HandlerServiceTest {
  private final List<String> told = new ArrayList<>();
  private final List<LinkSession<Sum, Sum>> sessions = new ArrayList<>();
  private boolean accepts = true;
  private final TestSession<LinkInput, LinkOutput> test =
      TestSession.from(LinkService.of(Wire.TYPES, Wire.TYPES, Adding::new));

  /** Adds up what it hears; a negative number is the last. */
  private final class Adding implements LinkHandler<Sum, Sum> {
    private int total;

    @Override
    public boolean opened(LinkSession<Sum, Sum> session) {
      told.add("opened");
      sessions.add(session);
      return accepts;
    }

    @Override
    public void received(LinkSession<Sum, Sum> session, Sum message) {
      if (message instanceof Sum.Add(int number)) {
        total += number;
        session.send(new Sum.Total(total));
        if (number < 0) {
          session.close(300, "enough");
        }
      }
    }

    @Override
    public void transferred(LinkSession<Sum, Sum> session, Transfer transfer) {
      told.add("transferred " + transfer.name());
    }

    @Override
    public void undecodable(LinkSession<Sum, Sum> session, String type) {
      told.add("undecodable " + type);
    }

    @Override
    public void away(LinkSession<Sum, Sum> session) {
      told.add("away, " + session.state());
    }

    @Override
    public void back(LinkSession<Sum, Sum> session) {
      told.add("back, " + session.state());
    }

    @Override
    public void closed(LinkSession<Sum, Sum> session, Ending why) {
      told.add("closed " + why.code() + " " + why.text() + (why.isLost() ? ", lost" : ""));
    }

    @Override
    public byte[] save(LinkSession<Sum, Sum> session) {
      return ByteBuffer.allocate(4).putInt(total).array();
    }

    @Override
    public void resumed(LinkSession<Sum, Sum> session, byte[] saved) {
      total = ByteBuffer.wrap(saved).getInt();
    }
  }

  private List<String> sent() {
    return Wire.texts(test.takeSent());
  }

  @Test
  void aHandlerReceivesAndSendsRecordsAndItsStateMovesAlong() {
    test.open();
    test.receive(Wire.add(1));
    test.move();
    test.receive(Wire.add(2));
    assertThat(sent()).containsExactly("Total[number=1]", "Total[number=3]");
    assertThat(told).containsExactly("opened"); // of the move it hears nothing
  }

  @Test
  void aHandlerThatRefusesItsSessionIsToldNothingMore() {
    accepts = false;
    test.open();
    test.receive(Wire.add(1));
    test.goAway();
    test.comeBack();
    test.clientEnds(CloseReason.SERVICE);
    assertThat(sent()).containsExactly("goodbye 13 ");
    assertThat(told).containsExactly("opened");
  }

  @Test
  void behindItsOwnGoodbyeAHandlerReceivesAndSendsNothing() {
    test.open();
    test.receive(Wire.add(-1));
    test.receive(Wire.add(1));
    assertThat(sent()).containsExactly("Total[number=-1]", "goodbye 300 enough");
    test.receive(new LinkInput.Goodbye(300, ""));
    test.clientEnds(CloseReason.SERVICE);
    assertThat(told).containsExactly("opened", "closed 300 enough");
  }

  @Test
  void theClientsGoodbyeIsTheEndThatTheHandlerIsTold() {
    test.open();
    test.receive(new LinkInput.Goodbye(18, "done"));
    test.clientEnds();
    assertThat(told).containsExactly("opened", "closed 18 done");
  }

  @Test
  void aClientThatDoesNotComeBackIsLost() {
    test.open();
    test.goAway();
    test.comeBack();
    test.goAway();
    test.end(CloseReason.CLIENT);
    assertThat(told)
        .containsExactly(
            "opened",
            "away, AWAY",
            "back, OPEN",
            "away, AWAY",
            "closed 0 the client did not come back, lost");
  }

  @Test
  void aRecordOfANewerClientCostsThatMessageOnly() {
    test.open();
    test.receive(Wire.unknown());
    test.receive(Wire.add(1));
    assertThat(told).containsExactly("opened", "undecodable Forget");
    assertThat(sent()).containsExactly("Total[number=1]");
  }

  @Test
  void typesThatDoNotFitEndTheSessionWithTheNameOfTheField() {
    test.open();
    test.receive(Wire.misfit());
    assertThat(sent())
        .singleElement()
        .asString()
        .startsWith("goodbye 8 ")
        .contains("Add", "number");
  }

  @Test
  void bytesThatAreNoMessageEndTheSession() {
    test.open();
    test.receive(Wire.malformed());
    assertThat(sent()).singleElement().asString().startsWith("goodbye 11 ");
  }

  // ---- questions, channels, streams ----

  /** The session as the handler has it. */
  private LinkSession<Sum, Sum> session() {
    return sessions.getLast();
  }

  private Question asked() {
    return test.takeSent().stream()
        .filter(LinkOutput.Ask.class::isInstance)
        .map(each -> ((LinkOutput.Ask) each).question())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anAnswerEndsItsQuestionOnce() {
    test.open();
    CompletableFuture<Sum> answer = session().ask(new Sum.Add(1));
    Question question = asked();
    LinkInput.Message total = (LinkInput.Message) Wire.add(5);
    test.receive(new LinkInput.Reply(question, total.types(), total.bytes().duplicate()));
    test.receive(new LinkInput.Reply(question, total.types(), total.bytes()));
    test.receive(new LinkInput.Failed(question, 300, "late"));
    test.advance(Duration.ofHours(1));
    assertThat(answer).isCompletedWithValue(new Sum.Add(5));
    assertThat(sent()).isEmpty();
  }

  @Test
  void aQuestionWhoseTimeIsOverOrThatIsCancelledIsToldToTheCodec() {
    test.open();
    CompletableFuture<Sum> late = session().ask(new Sum.Add(1), Duration.ofSeconds(1));
    CompletableFuture<Sum> cancelled = session().ask(new Sum.Add(2));
    cancelled.cancel(true);
    test.advance(Duration.ofSeconds(1));
    assertThat(late.exceptionNow()).isInstanceOf(TimeoutException.class);
    assertThat(sent())
        .containsExactly("asks Add[number=1]", "asks Add[number=2]", "cancels", "cancels");
  }

  @Test
  void aQuestionFailsWithTheCodeOfItsRefusalOrOfTheSessionsEnd() {
    test.open();
    CompletableFuture<Sum> refused = session().ask(new Sum.Add(1));
    test.receive(new LinkInput.Failed(asked(), 300, "because"));
    CompletableFuture<Sum> open = session().ask(new Sum.Add(2));
    test.receive(new LinkInput.Goodbye(18, "done"));
    test.clientEnds();
    assertThat(code(refused)).isEqualTo(300);
    assertThat(code(open)).isEqualTo(18);
    assertThat(code(session().ask(new Sum.Add(3)))).isEqualTo(18);
  }

  @Test
  void aQuestionFailsInTheWorkerThatTheSessionLeaves() {
    test.open();
    CompletableFuture<Sum> open = session().ask(new Sum.Add(2));
    test.move();
    assertThat(code(open)).isEqualTo(LinkCode.MOVED.number());
  }

  private static int code(CompletableFuture<?> future) {
    return ((LinkException) future.exceptionNow()).code();
  }

  private static LinkInput ask(long number, LinkInput message) {
    LinkInput.Message of = (LinkInput.Message) message;
    return new LinkInput.Ask(number, of.types(), of.bytes());
  }

  @Test
  void aHandlerWithoutAnswersRefuses() {
    test.open();
    test.receive(ask(7, Wire.add(1)));
    assertThat(sent()).containsExactly("fails 7 13 no answer to Add");
  }

  @Test
  void aQuestionThatThisSideHasNoTypeForIsRefused() {
    test.open();
    test.receive(ask(7, Wire.unknown()));
    assertThat(told).containsExactly("opened", "undecodable Forget");
    assertThat(sent()).containsExactly("fails 7 8 the question is not known here");
  }

  @Test
  void aChannelIsFullAndEmptyOnItsOwn() {
    test.open();
    LinkChannel<Sum, Sum> channel = session().channel("c");
    LinkOutput.Channel opened = (LinkOutput.Channel) test.takeSent().getLast();
    opened.room().hasRoom(false);
    assertThat(channel.writable()).isFalse();
    assertThat(session().writable()).isTrue();
    opened.room().hasRoom(true);
    assertThat(channel.send(new Sum.Total(1))).isTrue();
    channel.close();
    assertThat(channel.send(new Sum.Total(2))).isFalse();
    assertThat(sent()).containsExactly("c: Total[number=1]", "ends c");
    assertThat(session().channel("c")).isNotSameAs(channel);
  }

  @Test
  void moreThan64ChannelsAndNamesThatNobodyCanReadAreRefused() {
    test.open();
    for (int i = 0; i < 64; i++) {
      session().channel("c" + i);
    }
    assertThatThrownBy(() -> session().channel("more")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> session().channel("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void transfersThatEndWithTheSessionAreToldBeforeItsEnd() throws Exception {
    test.open();
    session().stream("s");
    LinkOutput.Shared hears = (LinkOutput.Shared) test.takeSent().getFirst();
    Path file = Path.of("file");
    hears.untold().add(new Transfer("s", false, file, 5, new Ending(0, "", true)));
    test.clientEnds();
    assertThat(told)
        .containsExactly("opened", "transferred s", "closed 0 the client did not come back, lost");
  }
}
