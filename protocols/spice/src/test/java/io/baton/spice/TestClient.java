package io.baton.spice;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.spice.testing.ClientWire;
import io.baton.spice.testing.Framebuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One channel of a client of a {@link SimulatedServer}, which acknowledges what it is sent. */
final class TestClient {

  /** A message of the server. */
  record Message(int type, ByteBuffer body) {}

  final SimulatedConnection connection;
  final Framebuffer screen = new Framebuffer();
  private final boolean mini;
  private byte[] rest = {};
  private long serial;
  private long received;
  private int untilAck = -1;
  private boolean acknowledges = true;

  private TestClient(SimulatedConnection connection, boolean mini) {
    this.connection = connection;
    this.mini = mini;
  }

  static TestClient main(SimulatedServer server, String password) {
    return open(server, 0, ClientWire.MAIN, ClientWire.COMMON, 0, password);
  }

  /** Makes the link of a channel, which succeeds. */
  static TestClient open(
      SimulatedServer server,
      int connectionId,
      int type,
      int commonCaps,
      int channelCaps,
      String password) {
    SimulatedConnection connection = server.connect();
    connection.reads(ClientWire.link(connectionId, type, commonCaps, channelCaps));
    byte[] reply = connection.written();
    assertThat(reply).hasSize(ClientWire.REPLY_BYTES);
    connection.reads(ClientWire.ticket(reply, password));
    boolean mini = (commonCaps & ClientWire.MINI_HEADER) != 0;
    TestClient client = new TestClient(connection, mini);
    client.rest = connection.written();
    assertThat(client.takeInt()).isZero();
    return client;
  }

  private int takeInt() {
    int value = ByteBuffer.wrap(rest).order(ByteOrder.LITTLE_ENDIAN).getInt();
    rest = Arrays.copyOfRange(rest, 4, rest.length);
    return value;
  }

  void acknowledgesNothing() {
    acknowledges = false;
  }

  void sends(int type, byte... body) {
    connection.reads(
        mini ? ClientWire.message(type, body) : ClientWire.longMessage(++serial, type, body));
  }

  /** Returns the messages that have come since the last call. */
  List<Message> messages() {
    List<Message> all = new ArrayList<>();
    int before;
    do {
      before = all.size();
      read(all);
    } while (all.size() > before);
    return all;
  }

  private void read(List<Message> all) {
    byte[] more = connection.written();
    ByteBuffer in =
        ByteBuffer.allocate(rest.length + more.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(rest)
            .put(more)
            .flip();
    int acks = 0;
    while (in.hasRemaining()) {
      if (!mini) {
        assertThat(in.getLong()).as("serial").isEqualTo(++received);
      }
      int type = in.getShort() & 0xFFFF;
      byte[] body = new byte[in.getInt()];
      if (!mini) {
        assertThat(in.getInt()).as("list of messages").isZero();
      }
      in.get(body);
      ByteBuffer its = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
      if (untilAck > 0 && --untilAck == 0) {
        untilAck = AckWindow.WINDOW;
        acks++;
      }
      if (type == Messages.SET_ACK) {
        untilAck = its.getInt(4);
        sends(Messages.ACK_SYNC, ClientWire.int32(its.getInt(0)));
      }
      screen.apply(type, its.duplicate());
      all.add(new Message(type, its));
    }
    rest = new byte[0];
    while (acknowledges && acks-- > 0) {
      sends(Messages.ACK);
    }
  }

  List<Integer> types() {
    return messages().stream().map(Message::type).toList();
  }
}
