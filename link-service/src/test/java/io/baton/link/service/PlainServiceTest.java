package io.baton.link.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.service.Wire.Sum;
import io.baton.service.CloseReason;
import io.baton.service.Draining;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.testkit.TestSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class PlainServiceTest {
  private final List<String> told = new ArrayList<>();
  private final TestSession<LinkInput, LinkOutput> test =
      TestSession.from(LinkService.plain(Wire.TYPES, Wire.TYPES, Adding::new));

  /** A service that knows nothing of Link: adds up what it hears, a second later. */
  private final class Adding implements Service<Sum, Sum>, Resumable<Sum>, Draining<Sum> {
    private int total;

    @Override
    public void received(Session<Sum> session, Sum message) {
      if (message instanceof Sum.Add(int number) && number >= 0) {
        total += number;
        var _ = session.after(Duration.ofSeconds(1), () -> session.send(new Sum.Total(total)));
      } else {
        session.close(CloseReason.SERVICE);
      }
    }

    @Override
    public void writable(Session<Sum> session) {
      told.add("writable");
    }

    @Override
    public void away(Session<Sum> session) {
      told.add("away");
    }

    @Override
    public void back(Session<Sum> session, OptionalLong last) {
      told.add("back");
    }

    @Override
    public void draining(Session<Sum> session) {
      var _ = session.send(new Sum.Total(total));
    }

    @Override
    public void closed(Session<Sum> session, CloseReason why) {
      told.add("closed " + why);
    }

    @Override
    public byte[] save(Session<Sum> session) {
      return new byte[] {(byte) total};
    }

    @Override
    public void resumed(Session<Sum> session, byte[] saved) {
      total = saved[0];
    }
  }

  private List<String> sent() {
    return Wire.texts(test.takeSent());
  }

  @Test
  void aServiceOfRecordsIsServedAsItIs() {
    test.open();
    test.receive(Wire.add(1));
    test.advance(Duration.ofSeconds(1));
    test.move();
    test.receive(Wire.add(2));
    test.advance(Duration.ofSeconds(1));
    assertThat(sent()).containsExactly("Total[number=1]", "Total[number=3]");
    assertThat(told).containsExactly("closed MOVED");
    test.setWritable(false);
    test.setWritable(true);
    test.goAway();
    test.comeBack();
    test.receive(new LinkInput.Goodbye(18, ""));
    test.clientEnds();
    assertThat(told).containsExactly("closed MOVED", "writable", "away", "back", "closed CLIENT");
  }

  @Test
  void itHearsOfADrainAsUnderAnyCodec() {
    test.open();
    test.receive(Wire.add(1));
    test.drain();
    assertThat(sent()).containsExactly("Total[number=1]");
  }

  @Test
  void itsCloseIsAGoodbyeBehindWhatItHasSent() {
    test.open();
    test.receive(Wire.add(-1));
    test.receive(Wire.add(5));
    test.advance(Duration.ofSeconds(1));
    assertThat(sent()).containsExactly("goodbye 18 ");
    test.receive(new LinkInput.Goodbye(18, ""));
    test.clientEnds(CloseReason.SERVICE);
    assertThat(told).containsExactly("closed SERVICE");
  }

  @Test
  void aRecordThatItDoesNotKnowIsDropped() {
    test.open();
    test.receive(Wire.unknown());
    test.receive(Wire.add(1));
    test.advance(Duration.ofSeconds(1));
    assertThat(sent()).containsExactly("Total[number=1]");
  }

  @Test
  void typesThatDoNotFitEndTheSession() {
    test.open();
    test.receive(Wire.misfit());
    assertThat(sent()).singleElement().asString().startsWith("goodbye 8 ");
    test.clientEnds(CloseReason.SERVICE);
    assertThat(told).containsExactly("closed PROTOCOL");
  }

  @Test
  void questionsAreRefusedAndMessagesOfChannelsAreReceivedLikeOthers() {
    test.open();
    LinkInput.Message message = (LinkInput.Message) Wire.add(1);
    test.receive(new LinkInput.Ask(7, message.types(), message.bytes().duplicate()));
    test.receive(new LinkInput.Message("c", message.types(), message.bytes()));
    test.advance(Duration.ofSeconds(1));
    assertThat(Wire.texts(test.takeSent()))
        .containsExactly("fails 7 13 no answer", "Total[number=1]");
  }
}
