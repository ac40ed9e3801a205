package io.baton.spice;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.spice.testing.ClientWire;
import io.netty.util.LeakPresenceDetector;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HandshakeTest {
  private static final String PASSWORD = "open sesame";

  private final SimulatedServer server =
      new SimulatedServer(new SpiceSettings(Optional.of(PASSWORD), "", Duration.ofSeconds(25)));

  @AfterEach
  void releases() {
    server.close();
    LeakPresenceDetector.check();
  }

  private static int error(byte[] reply) {
    return ByteBuffer.wrap(reply).order(ByteOrder.LITTLE_ENDIAN).getInt(16);
  }

  private static int result(byte[] bytes) {
    assertThat(bytes).hasSize(4);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private int mainId() {
    TestClient main = TestClient.main(server, PASSWORD);
    return main.messages().getFirst().body().getInt(0);
  }

  /** Makes a link up to the result. */
  private int resultOf(byte[] link, String password) {
    SimulatedConnection connection = server.connect();
    connection.reads(link);
    byte[] reply = connection.written();
    assertThat(error(reply)).isZero();
    connection.reads(ClientWire.ticket(reply, password));
    return result(Arrays.copyOf(connection.written(), 4));
  }

  @Test
  void aReplyHasAPublicKeyAndTheServersCapabilities() {
    SimulatedConnection connection = server.connect();
    connection.reads(ClientWire.link(0, ClientWire.MAIN, ClientWire.COMMON, 0));
    ByteBuffer reply = ByteBuffer.wrap(connection.written()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(reply.remaining()).isEqualTo(16 + 186);
    assertThat(reply.getInt(0)).isEqualTo(0x51444552);
    assertThat(reply.getInt(4)).isEqualTo(2);
    assertThat(reply.getInt(8)).isEqualTo(2);
    assertThat(reply.getInt(12)).isEqualTo(186);
    assertThat(reply.getInt(16)).isZero();
    assertThat(reply.getInt(16 + 166)).isEqualTo(1);
    assertThat(reply.getInt(16 + 170)).isEqualTo(1);
    assertThat(reply.getInt(16 + 174)).isEqualTo(178);
    assertThat(reply.getInt(16 + 178)).isEqualTo(0b1011);
  }

  @Test
  void theRightPasswordOpensASession() {
    TestClient main = TestClient.main(server, PASSWORD);
    TestClient.Message init = main.messages().getFirst();
    assertThat(init.type()).isEqualTo(Messages.MAIN_INIT);
    assertThat(init.body().remaining()).isEqualTo(32);
    assertThat(server.sessions).containsOnlyKeys(init.body().getInt(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "open sesam", "open sesame!", "OPEN SESAME"})
  void aWrongPasswordIsDenied(String password) {
    SimulatedConnection connection = server.connect();
    connection.reads(ClientWire.link(0, ClientWire.MAIN, ClientWire.COMMON, 0));
    connection.reads(ClientWire.ticket(connection.written(), password));
    assertThat(result(connection.written())).isEqualTo(7);
    assertThat(connection.session.window.ended).isEqualTo(CloseReason.PROTOCOL);
    assertThat(server.sessions).isEmpty();
  }

  @Test
  void aTicketUnderAnotherKeyIsDenied() {
    SimulatedConnection connection = server.connect();
    connection.reads(ClientWire.link(0, ClientWire.MAIN, ClientWire.COMMON, 0));
    byte[] other = new TicketKey().encoded();
    byte[] reply = connection.written();
    System.arraycopy(other, 0, reply, ClientWire.KEY_OFFSET, other.length);
    connection.reads(ClientWire.ticket(reply, PASSWORD));
    assertThat(result(connection.written())).isEqualTo(7);
  }

  @Test
  void withoutAPasswordAnyTicketIsRight() {
    try (SimulatedServer open = new SimulatedServer(SpiceSettings.DEFAULT)) {
      TestClient main = TestClient.main(open, "whatever");
      assertThat(main.types()).startsWith(Messages.MAIN_INIT);
    }
  }

  @Test
  void aClientThatCannotChooseSendsItsTicketAtOnce() {
    SimulatedConnection connection = server.connect();
    connection.reads(ClientWire.link(0, ClientWire.MAIN, ClientWire.MINI_HEADER, 0));
    byte[] ticket = ClientWire.ticket(connection.written(), PASSWORD);
    connection.reads(Arrays.copyOfRange(ticket, 4, ticket.length));
    assertThat(result(Arrays.copyOf(connection.written(), 4))).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0x51444553, 2, 2", "0x52454451, 2, 2", "0x51444552, 1, 4", "0x51444552, 3, 4"})
  void anotherMagicOrVersionIsRefused(String magic, int major, int error) {
    SimulatedConnection connection = server.connect();
    connection.reads(ClientWire.link(Integer.decode(magic), major, 0, 1, 0, ClientWire.COMMON, 0));
    byte[] reply = connection.written();
    assertThat(reply).hasSize(16 + 178);
    assertThat(error(reply)).isEqualTo(error);
    assertThat(connection.session.window.ended).isEqualTo(CloseReason.PROTOCOL);
  }

  @ParameterizedTest
  @CsvSource({
    "12, 0",
    "12, 17",
    "12, 2049",
    "12, -1", // the size
    "22, 7",
    "22, 0x40000000",
    "22, -1", // the common capabilities
    "26, 7",
    "26, -1", // the channel's
    "30, 17",
    "30, 19",
    "30, -1" // their offset
  })
  void aLinkMessageWithAFieldOutOfRangeIsInvalid(int offset, String value) {
    byte[] link = ClientWire.link(0, ClientWire.MAIN, ClientWire.COMMON, 0);
    ByteBuffer.wrap(link).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, Integer.decode(value));
    SimulatedConnection connection = server.connect();
    connection.reads(link);
    assertThat(error(connection.written())).isEqualTo(3);
    assertThat(connection.session.window.ended).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void anotherAuthenticationThanTheTicketIsInvalid() {
    SimulatedConnection connection = server.connect();
    connection.reads(ClientWire.link(0, ClientWire.MAIN, ClientWire.COMMON, 0));
    connection.written();
    connection.reads(ClientWire.int32(2)); // SASL
    assertThat(result(connection.written())).isEqualTo(3);
    assertThat(connection.session.window.ended).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void aChannelOfNoSessionHasABadConnectionId() {
    assertThat(resultOf(ClientWire.link(77, ClientWire.DISPLAY, ClientWire.COMMON, 0), PASSWORD))
        .isEqualTo(8);
    assertThat(resultOf(ClientWire.link(0, ClientWire.DISPLAY, ClientWire.COMMON, 0), PASSWORD))
        .isEqualTo(8);
    assertThat(resultOf(ClientWire.link(77, ClientWire.MAIN, ClientWire.COMMON, 0), PASSWORD))
        .isEqualTo(8);
  }

  @Test
  void whetherThereIsASessionIsToldToThoseOnlyWhoKnowThePassword() {
    assertThat(resultOf(ClientWire.link(77, ClientWire.DISPLAY, ClientWire.COMMON, 0), "guess"))
        .isEqualTo(7);
    int id = mainId();
    assertThat(resultOf(ClientWire.link(id, ClientWire.DISPLAY, ClientWire.COMMON, 0), "guess"))
        .isEqualTo(7);
  }

  @Test
  void aChannelThatTheServerHasNotIsNotAvailable() {
    int id = mainId();
    assertThat(resultOf(ClientWire.link(id, 5, ClientWire.COMMON, 0), PASSWORD)).isEqualTo(9);
    assertThat(resultOf(ClientWire.link(id, 200, ClientWire.COMMON, 0), PASSWORD)).isEqualTo(9);
    byte[] second = ClientWire.link(0x51444552, 2, id, ClientWire.DISPLAY, 1, ClientWire.COMMON, 0);
    assertThat(resultOf(second, PASSWORD)).isEqualTo(9);
  }

  @Test
  void aChannelThatTheSessionHasIsNotAvailableAgainUntilItHasEnded() {
    int id = mainId();
    byte[] link = ClientWire.link(id, ClientWire.INPUTS, ClientWire.COMMON, 0);
    TestClient inputs =
        TestClient.open(server, id, ClientWire.INPUTS, ClientWire.COMMON, 0, PASSWORD);
    assertThat(resultOf(link, PASSWORD)).isEqualTo(9);
    inputs.connection.close(CloseReason.CLIENT);
    assertThat(resultOf(link, PASSWORD)).isZero();
  }

  @Test
  void aChannelWhoseSessionMovesBehindTheLinkReplyFollowsItWithItsTicketChecked() {
    int id = mainId();
    SimulatedConnection connection = server.connect();
    connection.reads(ClientWire.link(id, ClientWire.INPUTS, ClientWire.COMMON, 0));
    byte[] reply = connection.written();
    SimulatedServer other =
        new SimulatedServer(new SpiceSettings(Optional.of(PASSWORD), "", Duration.ofSeconds(25)));
    server.leavesTo(other);
    connection.reads(ClientWire.ticket(reply, PASSWORD));
    assertThat(result(Arrays.copyOf(connection.written(), 4))).isZero();
    connection.reads(ClientWire.keyDown(0x1E));
    assertThat(connection.session).isEqualTo(other.sessions.get(id));
    assertThat(connection.session.received).containsExactly(new SpiceInput.KeyDown(0x1E));
  }

  @Test
  void aWrongPasswordIsDeniedWhereverTheSessionIs() {
    int id = mainId();
    SimulatedServer other = new SimulatedServer(server.codec, null);
    server.leavesTo(other);
    assertThat(resultOf(ClientWire.link(id, ClientWire.INPUTS, ClientWire.COMMON, 0), "guess"))
        .isEqualTo(7);
  }

  @Test
  void aSessionThatIsNotWhereItWasLookedForHasABadConnectionId() {
    server.leavesTo(new SimulatedServer(server.codec, null));
    assertThat(resultOf(ClientWire.link(77, ClientWire.DISPLAY, ClientWire.COMMON, 0), PASSWORD))
        .isEqualTo(8);
  }

  @Test
  void aLinkArrivesInPiecesOfAnySize() {
    byte[] link = ClientWire.link(0, ClientWire.MAIN, ClientWire.COMMON, 0);
    SimulatedConnection connection = server.connect();
    for (byte each : link) {
      assertThat(connection.written()).isEmpty();
      connection.reads(each);
    }
    byte[] ticket = ClientWire.ticket(connection.written(), PASSWORD);
    for (byte each : ticket) {
      assertThat(connection.written()).isEmpty();
      connection.reads(each);
    }
    assertThat(result(Arrays.copyOf(connection.written(), 4))).isZero();
  }

  @Test
  void whatFollowsARefusalIsNotRead() {
    SimulatedConnection connection = server.connect();
    connection.reads("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(error(connection.written())).isEqualTo(2);
    connection.reads(ClientWire.link(0, ClientWire.MAIN, ClientWire.COMMON, 0));
    assertThat(connection.written()).isEmpty();
  }

  @Test
  void aClientBeyondALimitIsToldOfAnError() {
    SimulatedConnection connection = server.connect();
    connection.flow.goodbye(CloseReason.LIMIT);
    assertThat(error(connection.written())).isEqualTo(1);
  }

  @Test
  void aConnectionMovesUntilItsLinkIsAnswered() {
    SimulatedConnection connection = server.connect();
    connection.reads(Arrays.copyOf(ClientWire.link(0, 1, ClientWire.COMMON, 0), 20));
    assertThat(connection.flow.save().orElseThrow().unread().remaining()).isEqualTo(20);
    server.move(connection.session);
    connection.reads(Arrays.copyOfRange(ClientWire.link(0, 1, ClientWire.COMMON, 0), 20, 16 + 26));
    assertThat(error(connection.written())).isZero();
    assertThat(connection.flow.save()).isEmpty();
  }
}
