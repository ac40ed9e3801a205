package io.baton.vsockframework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.testkit.TestSession;
import io.baton.vsockframework.cereal.Shared;
import io.baton.vsockframework.example.Talk;
import io.baton.vsockframework.example.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordServicesTest {

  /** Counts what it has received, and keeps what happened. */
  private static final class Counting implements Service<Record, Record>, MalformedListener {
    final List<String> seen = new ArrayList<>();
    int count;
    @Nullable Session<Record> session;

    @Override
    public boolean opened(Session<Record> session) {
      this.session = session;
      return true;
    }

    @Override
    public void received(Session<Record> session, Record message) {
      assertThat(session).isEqualTo(this.session);
      count++;
      seen.add(message.toString());
      session.send(new Talk(count, message.getClass().getSimpleName()));
    }

    @Override
    public void malformed(Session<Record> session, MalformedMessageException why) {
      seen.add(String.valueOf(why.getMessage()));
    }

    @Override
    public void closed(Session<Record> session, CloseReason why) {
      seen.add(why.toString());
    }

    @Override
    public byte[] save(Session<Record> session) {
      return new byte[] {(byte) count};
    }

    @Override
    public void resumed(Session<Record> session, byte[] saved) {
      this.session = session;
      count = saved[0];
    }
  }

  private static FrameworkMessage message(Record record) {
    return TestFramework.TYPES.write(record, TestFramework.MAX_MESSAGE);
  }

  private static Record record(FrameworkMessage message) throws MalformedMessageException {
    return TestFramework.TYPES.read(message);
  }

  private final Counting service = new Counting();

  private RecordServices services(Service<Record, Record> its) {
    return new RecordServices(TestFramework.SETTINGS, () -> its);
  }

  @Test
  void messagesAreRecordsForTheServiceBothWays() throws Exception {
    var session = TestSession.of(services(service).get());
    assertThat(session.open()).isTrue();
    session.receive(message(new Text("a")));
    session.receive(message(new Talk(7, "b")));
    assertThat(service.seen).containsExactly("Text[text=a]", "Talk[timestamp=7, text=b]");
    List<Record> sent = new ArrayList<>();
    for (FrameworkMessage each : session.sent()) {
      sent.add(record(each));
    }
    assertThat(sent).containsExactly(new Talk(1, "Text"), new Talk(2, "Talk"));
    session.clientEnds();
    assertThat(service.seen).endsWith("CLIENT");
  }

  @Test
  void aSessionMovesWithWhatItsServiceSaves() throws Exception {
    var session = TestSession.from(() -> services(new Counting()).get());
    session.open();
    session.receive(message(new Text("a")));
    assertThat(session.move()).containsExactly(1);
    session.receive(message(new Text("b")));
    assertThat(record(session.sent().getLast())).isEqualTo(new Talk(2, "Text"));
  }

  @Test
  void aMalformedMessageEndsItsSessionAndTheServiceIsToldWhy() {
    var unknown = TestSession.of(services(service).get());
    unknown.open();
    unknown.receive(new FrameworkMessage(9, new byte[3]));
    assertThat(unknown.ended()).contains(CloseReason.PROTOCOL);
    assertThat(service.seen)
        .containsExactly("type 9: is unknown; allowed: [0, 1, 2, 4]", "PROTOCOL");

    Counting other = new Counting();
    var broken = TestSession.of(services(other).get());
    broken.open();
    broken.receive(new FrameworkMessage(4, new byte[9]));
    assertThat(broken.ended()).contains(CloseReason.PROTOCOL);
    assertThat(other.seen)
        .containsExactly("type 4: Talk.text: needs 8 bytes; there are 1 left", "PROTOCOL");
  }

  @Test
  void aServiceThatDoesNotListenEndsTheSameWay() {
    var session = TestSession.of(services(new EchoService()).get());
    session.open();
    session.receive(message(new Text("echo")));
    assertThat(session.takeSent()).containsExactly(message(new Text("echo")));
    session.receive(new FrameworkMessage(0, "no text".getBytes(StandardCharsets.US_ASCII)));
    assertThat(session.sent()).isEmpty();
    assertThat(session.ended()).contains(CloseReason.PROTOCOL);
  }

  @Test
  void recordsThatCannotBeSentAreRefusedWhereTheyAreSent() {
    record Stranger(Shared<Text> text) {}
    var session = TestSession.of(services(service).get());
    session.open();
    Session<Record> its = new RecordSession(TestFramework.SETTINGS, session.session());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> its.send(new Stranger(Shared.none())))
        .withMessageEndingWith("Stranger is not a type's record; there are types [0, 1, 2, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> its.send(new Text("x".repeat(TestFramework.MAX_MESSAGE))))
        .withMessage("type 0: Text.text: the record takes more than the 200 bytes allowed");
    assertThat(its.send(new Text("fits"))).isTrue();
    assertThat(session.sent()).containsExactly(message(new Text("fits")));
  }
}
