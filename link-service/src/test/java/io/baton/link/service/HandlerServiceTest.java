package io.baton.link.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Ending;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.service.Wire.Sum;
import io.baton.service.CloseReason;
import io.baton.service.testkit.TestSession;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HandlerServiceTest {
  private final List<String> told = new ArrayList<>();
  private boolean accepts = true;
  private final TestSession<LinkInput, LinkOutput> test =
      TestSession.from(LinkService.of(Wire.TYPES, Wire.TYPES, Adding::new));

  /** Adds up what it hears; a negative number is the last. */
  private final class Adding implements LinkHandler<Sum, Sum> {
    private int total;

    @Override
    public boolean opened(LinkSession<Sum, Sum> session) {
      told.add("opened");
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
}
