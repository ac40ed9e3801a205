package io.baton.softbus;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.baton.service.CloseReason;
import io.baton.service.testkit.TestSession;
import io.baton.softbus.SoftBusMessage.Opening;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SoftBusServersTest {
  private static final String NAME = "com.example.counting";

  private final List<String> events = new ArrayList<>();
  private boolean broken;
  private final SoftBusServers servers =
      SoftBusServers.builder(TestBus.SETTINGS)
          .server("com.example.echo", EchoServer::new)
          .server(NAME, Counting::new, SoftBusPermission.keys(Set.of(1L, 2L)), 2)
          .server("com.example.refusing", Refusing::new)
          .server("com.example.broken", this::brokenOnce, SoftBusPermission.ALL, 1)
          .build();

  /** Numbers what it gets. */
  private final class Counting implements SoftBusServer {
    private int count;

    @Override
    public boolean sessionOpened(SoftBusSession session) {
      events.add("opened " + session.name() + " " + session.keyIndex());
      return true;
    }

    @Override
    public void bytesReceived(SoftBusSession session, byte[] data) {
      session.sendBytes((++count + " " + new String(data, US_ASCII)).getBytes(US_ASCII));
    }

    @Override
    public void writable(SoftBusSession session) {
      events.add("writable");
    }

    @Override
    public void sessionClosed(SoftBusSession session, CloseReason why) {
      events.add("closed " + why);
    }

    @Override
    public byte[] save(SoftBusSession session) {
      return new byte[] {(byte) count};
    }

    @Override
    public void resumed(SoftBusSession session, byte[] saved) {
      count = saved[0];
      events.add("resumed " + session.name() + " " + session.keyIndex());
    }
  }

  /** Says something, and refuses. */
  private static final class Refusing implements SoftBusServer {
    @Override
    public boolean sessionOpened(SoftBusSession session) {
      session.sendBytes("no".getBytes(US_ASCII));
      return false;
    }

    @Override
    public void bytesReceived(SoftBusSession session, byte[] data) {
      throw new AssertionError("it was refused");
    }
  }

  private SoftBusServer brokenOnce() {
    if (broken) {
      return new EchoServer();
    }
    broken = true;
    throw new IllegalStateException("broken");
  }

  private TestSession<SoftBusMessage.Input, SoftBusMessage.Output> open(
      String name, long keyIndex) {
    TestSession<SoftBusMessage.Input, SoftBusMessage.Output> session = TestSession.from(servers);
    session.open();
    session.receive(new Opening(name, keyIndex));
    return session;
  }

  private static void receive(
      TestSession<SoftBusMessage.Input, SoftBusMessage.Output> session, String data) {
    session.receive(new SoftBusMessage.Data(data.getBytes(US_ASCII)));
  }

  private static List<String> sent(
      TestSession<SoftBusMessage.Input, SoftBusMessage.Output> session) {
    return session.takeSent().stream()
        .map(each ->
            switch (each) {
              case SoftBusMessage.Accept _ -> "accept";
              case SoftBusMessage.Data data -> new String(data.bytes(), US_ASCII);
            })
        .toList();
  }

  @Test
  void aSessionGoesToTheServerOfItsName() {
    var echo = open("com.example.echo", 7);
    var counting = open(NAME, 1);
    receive(echo, "a");
    receive(counting, "b");
    assertThat(sent(echo)).containsExactly("accept", "a");
    assertThat(sent(counting)).containsExactly("accept", "1 b");
    counting.setWritable(false);
    counting.setWritable(true);
    counting.clientEnds();
    assertThat(events).containsExactly("opened " + NAME + " 1", "writable", "closed CLIENT");
  }

  @Test
  void unknownNamesMissingPermissionAndFullServersAreRefusedWithoutAReply() {
    var first = open(NAME, 1);
    open(NAME, 2);
    for (var refused : List.of(open("com.example.none", 1), open(NAME, 3), open(NAME, 1))) {
      assertThat(refused.sent()).isEmpty();
      assertThat(refused.ended()).contains(CloseReason.SERVICE);
    }
    first.clientEnds();
    assertThat(sent(open(NAME, 1))).containsExactly("accept");
  }

  @Test
  void aServerMayRefuseAndSayWhy() {
    var refused = open("com.example.refusing", 1);
    assertThat(sent(refused)).containsExactly("no");
    assertThat(refused.ended()).contains(CloseReason.SERVICE);
  }

  @Test
  void aServerThatCannotBeMadeTakesNoPlace() {
    assertThatIllegalStateException().isThrownBy(() -> open("com.example.broken", 1));
    assertThat(sent(open("com.example.broken", 1))).containsExactly("accept");
  }

  @Test
  void aSessionGoesOnInAnotherWorkerBeyondTheBoundOfNewOnes() {
    var session = open(NAME, 2);
    receive(session, "a");
    byte[] saved = session.move();
    receive(session, "b");
    assertThat(sent(session)).containsExactly("accept", "1 a", "2 b");
    assertThat(events)
        .containsExactly("opened " + NAME + " 2", "closed MOVED", "resumed " + NAME + " 2");
    for (int i = 0; i < 3; i++) {
      TestSession.from(servers).resume(saved);
    }
    assertThat(open(NAME, 1).ended()).contains(CloseReason.SERVICE);
  }

  @Test
  void aSessionWithoutAFirstPacketMovesToo() {
    TestSession<SoftBusMessage.Input, SoftBusMessage.Output> session = TestSession.from(servers);
    session.open();
    session.move();
    session.receive(new Opening(NAME, 1));
    assertThat(sent(session)).containsExactly("accept");
  }

  @Test
  void whatCannotBeGoneOnWithIsRefused() {
    byte[] saved = open(NAME, 1).save();
    SoftBusServers others =
        SoftBusServers.builder(TestBus.SETTINGS).server("other", EchoServer::new).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestSession.from(others).resume(saved))
        .withMessage("there is no session server " + NAME + " here");
    byte[] later = saved.clone();
    later[0] = 2;
    for (byte[] wrong : List.of(later, new byte[] {1}, new byte[] {1, -1}, new byte[] {1, 9, 1})) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TestSession.from(servers).resume(wrong))
          .withMessageMatching("saved in version 2; .*|the saved session is cut short");
    }
  }

  @Test
  void dataToSendHasABound() {
    SoftBusSession session = new SoftBusSession(NAME, 1, TestBus.MAX_DATA, open(NAME, 1).session());
    assertThat(session.writable()).isTrue();
    assertThat(session.sendBytes(new byte[TestBus.MAX_DATA])).isTrue();
    for (int wrong : new int[] {0, TestBus.MAX_DATA + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.sendBytes(new byte[wrong]))
          .withMessage(wrong + " bytes to send; allowed: 1 to " + TestBus.MAX_DATA);
    }
    session.close();
    assertThat(session.sendBytes(new byte[1])).isFalse();
  }

  @Test
  void namesAndNumbersAreChecked() {
    SoftBusServers.Builder builder = SoftBusServers.builder(TestBus.SETTINGS);
    builder.server("a", EchoServer::new);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.server("a", EchoServer::new))
        .withMessage("there are two servers a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.server("x".repeat(64), EchoServer::new))
        .withMessageContaining("1 to 63 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.server("b", EchoServer::new, SoftBusPermission.ALL, 0))
        .withMessage("server b has 0 sessions at most; allowed: 1 or more");
  }
}
