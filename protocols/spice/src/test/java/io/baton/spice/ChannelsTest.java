package io.baton.spice;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.spice.SpiceInput.ButtonDown;
import io.baton.spice.SpiceInput.ButtonUp;
import io.baton.spice.SpiceInput.DisplayOpened;
import io.baton.spice.SpiceInput.KeyDown;
import io.baton.spice.SpiceInput.KeyUp;
import io.baton.spice.SpiceInput.Modifiers;
import io.baton.spice.SpiceInput.MouseMoved;
import io.baton.spice.SpiceInput.PointerAt;
import io.baton.spice.SpiceOutput.SurfaceOpened;
import io.baton.spice.SpiceOutput.Tile;
import io.baton.spice.TestClient.Message;
import io.baton.spice.testing.ClientWire;
import io.netty.handler.codec.DecoderException;
import io.netty.util.LeakPresenceDetector;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ChannelsTest {
  private static final int LONG_HEADERS = ClientWire.AUTH_SELECTION;
  private static final int MONITORS = 1 << 1;
  private static final int NAME = 1 << 1;

  private final SimulatedServer server =
      new SimulatedServer(new SpiceSettings(Optional.empty(), "Ünïcode", Duration.ofSeconds(25)));
  private TestClient main = TestClient.main(server, "");
  private final int id = main.messages().getFirst().body().getInt(0);
  private final SimulatedSession session = main.connection.session;

  @AfterEach
  void releases() {
    server.close();
    LeakPresenceDetector.check();
  }

  private TestClient open(int type, int commonCaps, int channelCaps) {
    return TestClient.open(server, id, type, commonCaps, channelCaps, "");
  }

  private TestClient display(int caps) {
    TestClient display = open(ClientWire.DISPLAY, ClientWire.COMMON, caps);
    display.sends(Messages.DISPLAY_CLIENT_INIT, new byte[14]);
    return display;
  }

  private static Tile tile(int x, int y) {
    return new Tile(new Area(x, y, 4, 4), false, ByteBuffer.allocate(64));
  }

  // ---- main ----

  @Test
  void theChannelsAreListedWhenTheClientAsks() {
    main.sends(Messages.ATTACH_CHANNELS);
    Message list = main.messages().getFirst();
    assertThat(list.type()).isEqualTo(Messages.MAIN_CHANNELS_LIST);
    assertThat(list.body().array()).containsExactly(3, 0, 0, 0, 2, 0, 3, 0, 4, 0);
  }

  @Test
  void theModeOfTheMouseFollowsTheClientsWish() {
    main.sends(Messages.MOUSE_MODE_REQUEST, new byte[] {1, 0});
    main.sends(Messages.MOUSE_MODE_REQUEST, new byte[] {2, 0});
    main.sends(Messages.MOUSE_MODE_REQUEST, new byte[] {4, 0});
    List<Message> answers = main.messages();
    assertThat(answers).extracting(Message::type).containsOnly(Messages.MAIN_MOUSE_MODE);
    assertThat(answers).extracting(each -> (int) each.body().getShort(2)).containsExactly(1, 2, 2);
  }

  @Test
  void theServersNameIsToldToClientsThatKnowNames() {
    TestClient named = TestClient.open(server, 0, ClientWire.MAIN, ClientWire.COMMON, NAME, "");
    List<Message> words = named.messages();
    assertThat(words)
        .extracting(Message::type)
        .containsExactly(Messages.MAIN_INIT, Messages.MAIN_NAME);
    assertThat(words.get(1).body().getInt(0)).isEqualTo(words.get(1).body().capacity() - 4);
  }

  @Test
  void aClientIsPingedOnAllItsChannels() {
    TestClient display = display(0);
    TestClient inputs = open(ClientWire.INPUTS, ClientWire.COMMON, 0);
    display.messages();
    inputs.messages();
    main.connection.channel.advanceTimeBy(25, TimeUnit.SECONDS);
    main.connection.channel.runScheduledPendingTasks();
    for (TestClient each : List.of(main, display, inputs)) {
      Message ping = each.messages().getFirst();
      assertThat(ping.type()).isEqualTo(Messages.PING);
      byte[] pong = new byte[12];
      ping.body().get(0, pong);
      each.sends(Messages.PONG, pong);
    }
    assertThat(main.connection.flow.details())
        .containsOnlyKeys("main", "display", "inputs")
        .allSatisfy((name, detail) -> assertThat(detail).doesNotContain("round trip -1"));
  }

  @Test
  void aSessionThatIsFrozenIsNotPinged() {
    session.window.open = false;
    main.connection.channel.advanceTimeBy(25, TimeUnit.SECONDS);
    main.connection.channel.runScheduledPendingTasks();
    assertThat(main.messages()).isEmpty();
    session.window.open = true;
    main.connection.channel.advanceTimeBy(25, TimeUnit.SECONDS);
    main.connection.channel.runScheduledPendingTasks();
    assertThat(main.types()).containsExactly(Messages.PING);
  }

  @Test
  void aClientThatLeavesEndsItsSession() {
    open(ClientWire.CURSOR, ClientWire.COMMON, 0)
        .sends(Messages.CLIENT_DISCONNECTING, new byte[12]);
    assertThat(session.window.ended).isNull();
    main.sends(Messages.CLIENT_DISCONNECTING, new byte[12]);
    assertThat(session.window.ended).isEqualTo(CloseReason.CLIENT);
  }

  @Test
  void eachChannelIsToldThatTheServerLeaves() {
    TestClient display = display(0);
    display.messages();
    main.connection.flow.drain();
    assertThat(session.window.ended).isEqualTo(CloseReason.SHUTDOWN);
    main.connection.flow.goodbye(CloseReason.SHUTDOWN);
    display.connection.flow.goodbye(CloseReason.SHUTDOWN);
    assertThat(main.types()).containsExactly(Messages.DISCONNECTING);
    assertThat(display.types()).containsExactly(Messages.DISCONNECTING);
  }

  // ---- display ----

  @ParameterizedTest
  @ValueSource(ints = {0, ClientWire.LZ4})
  void theServiceIsToldOfADisplayAndWhatItUnderstands(int caps) {
    TestClient display = display(caps);
    assertThat(display.types()).containsExactly(Messages.SET_ACK);
    assertThat(session.received).containsExactly(new DisplayOpened(caps != 0));
  }

  @Test
  void aSurfaceIsCreatedBeforeItIsShown() {
    TestClient display = display(MONITORS);
    session.send(new SurfaceOpened(40, 30));
    session.send(tile(3, 5));
    assertThat(display.types())
        .containsExactly(
            Messages.SET_ACK,
            Messages.DISPLAY_INVAL_ALL_PALETTES,
            Messages.DISPLAY_SURFACE_CREATE,
            Messages.DISPLAY_MONITORS_CONFIG,
            Messages.DISPLAY_MARK,
            Messages.DISPLAY_DRAW_COPY);
    session.send(new SurfaceOpened(80, 60));
    assertThat(display.types()).startsWith(Messages.DISPLAY_SURFACE_DESTROY);
    assertThat(display.screen.width()).isEqualTo(80);
  }

  @Test
  void withoutADisplayPicturesAreDropped() {
    session.send(new SurfaceOpened(40, 30));
    session.send(tile(3, 5));
    assertThat(main.messages()).isEmpty();
    assertThat(session.window.keptBack).isZero();
  }

  @Test
  void aClientThatNeverAcknowledgesIsSentTwoWindows() {
    TestClient display = display(0);
    display.acknowledgesNothing();
    session.send(new SurfaceOpened(40, 30));
    for (int i = 0; i < 1000; i++) {
      session.send(tile(i % 30, i % 20));
    }
    assertThat(display.messages()).hasSize(1 + 2 * AckWindow.WINDOW);
    assertThat(session.window.keptBack).isGreaterThan(900 * 64);
    display.sends(Messages.ACK);
    assertThat(display.messages()).hasSize(AckWindow.WINDOW);
  }

  @Test
  void whatIsKeptBackGoesOutInOrder() {
    TestClient display = display(0);
    session.send(new SurfaceOpened(64, 30));
    for (int i = 0; i < 500; i++) {
      session.send(tile(i % 50, i / 50));
    }
    List<Integer> places = new ArrayList<>();
    for (Message each : display.messages()) {
      if (each.type() == Messages.DISPLAY_DRAW_COPY) {
        places.add(each.body().getInt(4) * 50 + each.body().getInt(8));
      }
    }
    assertThat(places).hasSize(500).isSorted();
    assertThat(session.window.keptBack).isZero();
  }

  @Test
  void anAcknowledgementOfMoreThanWasSentIsAMistake() {
    TestClient display = display(0);
    display.messages();
    display.sends(Messages.ACK);
    assertThat(display.connection.failure).isInstanceOf(DecoderException.class);
  }

  @Test
  void longHeadersHaveASerialThatSurvivesMoves() {
    TestClient display = open(ClientWire.DISPLAY, LONG_HEADERS, 0);
    display.sends(Messages.DISPLAY_CLIENT_INIT, new byte[14]);
    session.send(new SurfaceOpened(40, 30));
    assertThat(display.messages()).hasSize(4);
    server.move(session);
    session.send(tile(0, 0));
    assertThat(display.types()).containsExactly(Messages.DISPLAY_DRAW_COPY);
  }

  @Test
  void aDisplayThatWasClosedMayBeOpenedAgain() {
    TestClient first = display(0);
    session.send(new SurfaceOpened(40, 30));
    first.connection.flow.ended(CloseReason.CLIENT);
    session.connections.remove(first.connection);
    TestClient second = display(0);
    assertThat(second.types()).containsExactly(Messages.SET_ACK);
    assertThat(session.received).hasSize(2);
  }

  // ---- inputs ----

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] each : parts) {
      all.writeBytes(each);
    }
    return all.toByteArray();
  }

  @Test
  void keysAndButtonsAreHandedOutInOrder() {
    TestClient inputs = open(ClientWire.INPUTS, ClientWire.COMMON, 0);
    inputs.connection.reads(
        concat(
            ClientWire.keyDown(0x1E),
            ClientWire.message(103, new byte[] {4, 0}),
            ClientWire.keyUp(0x1E),
            ClientWire.keyDown(0x48E0),
            ClientWire.message(102, ClientWire.int32(0xC8E0)),
            ClientWire.pointerAt(7, 8, 0),
            ClientWire.buttonDown(1, 1),
            ClientWire.pointerAt(9, 10, 1),
            ClientWire.buttonUp(1, 0),
            ClientWire.mouseMoved(-3, 4, 0)));
    assertThat(session.received)
        .containsExactly(
            new KeyDown(0x1E),
            new Modifiers(4),
            new KeyUp(0x1E),
            new KeyDown(0xE048),
            new KeyUp(0xE048),
            new PointerAt(7, 8, 0),
            new ButtonDown(1, 1),
            new PointerAt(9, 10, 1),
            new ButtonUp(1, 0),
            new MouseMoved(-3, 4, 0));
  }

  @Test
  void ofPositionsInARowTheLastIsHandedOut() {
    TestClient inputs = open(ClientWire.INPUTS, ClientWire.COMMON, 0);
    inputs.messages();
    inputs.connection.reads(
        concat(
            ClientWire.pointerAt(1, 1, 0),
            ClientWire.pointerAt(2, 2, 0),
            ClientWire.pointerAt(3, 3, 1),
            ClientWire.pointerAt(4, 4, 1),
            ClientWire.keyDown(2)));
    assertThat(session.received)
        .containsExactly(new PointerAt(2, 2, 0), new PointerAt(4, 4, 1), new KeyDown(2));
    assertThat(inputs.types()).containsExactly(Messages.INPUTS_MOUSE_MOTION_ACK);
  }

  @Test
  void fourMotionsAreAcknowledgedWhereverTheSessionMoves() {
    TestClient inputs = open(ClientWire.INPUTS, ClientWire.COMMON, 0);
    inputs.messages();
    for (int i = 1; i <= 40; i++) {
      inputs.connection.reads(ClientWire.pointerAt(i, i, 0));
      server.move(session);
      assertThat(inputs.messages()).as("motion %d", i).hasSize(i % 4 == 0 ? 1 : 0);
    }
    assertThat(session.received).hasSize(40);
  }

  @Test
  void whileTheServiceIsBusyInputsWait() {
    TestClient inputs = open(ClientWire.INPUTS, ClientWire.COMMON, 0);
    session.window.open = false;
    inputs.connection.reads(concat(ClientWire.keyDown(2), ClientWire.keyUp(2)));
    assertThat(session.received).isEmpty();
    session.window.open = true;
    inputs.connection.flow.resume();
    inputs.connection.handOut();
    assertThat(session.received).containsExactly(new KeyDown(2), new KeyUp(2));
  }

  @Test
  void aConnectionIsNotReadWhileTooMuchOfItWaits() {
    TestClient inputs = open(ClientWire.INPUTS, ClientWire.COMMON, 0);
    TestClient display = display(0);
    session.window.open = false;
    for (int i = 0; i < 7000; i++) {
      inputs.connection.reads(ClientWire.keyDown(2));
    }
    assertThat(inputs.connection.channel.config().isAutoRead()).isFalse();
    assertThat(display.connection.channel.config().isAutoRead()).isTrue();
    session.window.open = true;
    inputs.connection.flow.resume();
    inputs.connection.handOut();
    assertThat(inputs.connection.channel.config().isAutoRead()).isTrue();
    assertThat(session.received).hasSize(7001);
  }

  // ---- bounds ----

  @ParameterizedTest
  @CsvSource({
    "1, 104, 65537",
    "2, 101, 4097",
    "3, 101, 4097",
    "4, 999, 4097",
    "3, 101, 3",
    "3, 102, 0",
    "3, 103, 1",
    "3, 111, 9",
    "3, 112, 10",
    "3, 113, 2",
    "3, 114, 2",
    "2, 1, 3",
    "2, 3, 11",
    "1, 105, 1",
    "3, 101, -1",
    "3, 101, 2147483647"
  })
  void aMessageThatIsTooLongOrTooShortIsAMistake(int channel, int type, int size) {
    TestClient client = channel == ClientWire.MAIN ? main : open(channel, ClientWire.COMMON, 0);
    client.messages();
    client.connection.reads(ClientWire.littleEndian(6).putShort((short) type).putInt(size).array());
    if (size >= 0 && size < 65536 && client.connection.failure == null) {
      client.connection.reads(new byte[size]);
    }
    assertThat(client.connection.failure).isInstanceOf(DecoderException.class);
  }

  @Test
  void aListOfMessagesInAMessageIsAMistake() {
    TestClient inputs = open(ClientWire.INPUTS, LONG_HEADERS, 0);
    byte[] message = ClientWire.longMessage(1, Messages.KEY_DOWN, ClientWire.int32(2));
    message[14] = 1;
    inputs.connection.reads(message);
    assertThat(inputs.connection.failure).isInstanceOf(DecoderException.class);
  }

  @Test
  void messagesOfOtherNumbersAreSkipped() {
    TestClient inputs = open(ClientWire.INPUTS, ClientWire.COMMON, 0);
    inputs.connection.reads(
        concat(ClientWire.message(4096, new byte[4096]), ClientWire.keyDown(2)));
    assertThat(session.received).containsExactly(new KeyDown(2));
  }

  @Test
  void anUnfinishedMessageMovesAlong() {
    TestClient inputs = open(ClientWire.INPUTS, ClientWire.COMMON, 0);
    byte[] key = ClientWire.keyDown(0x1E);
    for (byte each : key) {
      assertThat(session.received).isEmpty();
      inputs.connection.reads(each);
      server.move(session);
    }
    assertThat(session.received).containsExactly(new KeyDown(0x1E));
  }
}
