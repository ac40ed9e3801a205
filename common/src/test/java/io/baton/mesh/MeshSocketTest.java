package io.baton.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshMessage.TailDone;
import io.baton.mesh.MeshSocket.Empty;
import io.baton.mesh.MeshSocket.End;
import io.baton.mesh.MeshSocket.Full;
import io.baton.mesh.MeshSocket.Gone;
import io.baton.mesh.MeshSocket.Packed;
import io.baton.mesh.MeshSocket.Packet;
import io.baton.pipe.MalformedMessageException;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.posix.PosixException;
import io.baton.posix.SocketPair;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeshSocketTest {
  private static final MeshMessage LONGEST =
      new Publish("t", 1, new byte[MeshMessage.MAX_MESSAGE_BYTES]);

  private final Fd raw;
  private final MeshSocket one;
  private final MeshSocket other;

  MeshSocketTest() throws PosixException {
    SocketPair pair = SocketPair.open();
    Frame frame = MeshSocket.newFrame();
    raw = pair.ours();
    one = new MeshSocket(raw, frame);
    other = new MeshSocket(pair.theirs(), frame);
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
  }

  @Test
  void messagesArriveInTheirOrderAsManyAsFitAPacket() throws Exception {
    assertThat(one.send(List.of(new Synced(), new Gap("t", 1)))).isEqualTo(new Packed(2, 15));
    assertThat(one.send(List.of(new TailDone(1, 2), LONGEST, LONGEST)))
        .isEqualTo(new Packed(2, 65_564));
    assertThat(other.receive()).isEqualTo(new Packet(List.of(new Synced(), new Gap("t", 1))));
    assertThat(((Packet) other.receive()).messages()).hasSize(2);
    assertThat(other.receive()).isEqualTo(new Empty());
  }

  @Test
  void anOpeningAloneIsAPacketWithoutMessages() throws Exception {
    assertThat(one.send(List.of())).isEqualTo(new Packed(0, 3));
    assertThat(other.receive()).isEqualTo(new Packet(List.of()));
  }

  @Test
  void aFullSocketTakesNothingUntilTheNeighbourHasReceived() throws Exception {
    int sent = 0;
    while (one.send(List.of(LONGEST)) instanceof Packed) {
      sent++;
    }
    assertThat(sent).isPositive();
    assertThat(one.send(List.of(new Synced()))).isEqualTo(new Full());
    for (int i = 0; i < sent; i++) {
      assertThat(other.receive()).isInstanceOf(Packet.class);
    }
    assertThat(other.receive()).isEqualTo(new Empty());
    assertThat(one.send(List.of(new Synced()))).isInstanceOf(Packed.class);
  }

  @Test
  void whatADeadNeighbourHadSentIsReceivedBeforeItsEnd() throws Exception {
    one.send(List.of(new Gap("a", 1)));
    one.send(List.of(new Gap("b", 2)));
    other.send(List.of(new Synced())); // is never read, which resets the connection
    one.close();
    assertThat(other.receive()).isEqualTo(new Packet(List.of(new Gap("a", 1))));
    assertThat(other.receive()).isEqualTo(new Packet(List.of(new Gap("b", 2))));
    assertThat(other.receive()).isEqualTo(new End());
    assertThat(other.send(List.of(new Synced()))).isEqualTo(new Gone());
  }

  @Test
  void aPacketThatIsNoWorkersIsMalformed() {
    assertMalformed(new byte[] {1}, "a first packet that begins with 1");
  }

  @Test
  void aPacketThatIsTooLongIsMalformed() {
    one.send(List.of());
    assertMalformed(new byte[MeshCodec.MAX_PACKET + 1], "a packet of more than 66560 bytes");
  }

  private void assertMalformed(byte[] bytes, String why) {
    Frame frame = new Frame(bytes.length);
    frame.payload().clear().put(bytes);
    assertThat(frame.send(raw, null)).isEqualTo(bytes.length);
    assertThatThrownBy(() -> receiveAll())
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage(why);
  }

  private void receiveAll() throws MalformedMessageException {
    while (other.receive() instanceof Packet) {}
  }

  @Test
  void descriptorsThatComeAlongAreClosedAndMalformed() throws Exception {
    SocketPair stray = SocketPair.open();
    Frame frame = new Frame(8);
    frame.payload().clear().put((byte) 0).put((byte) 1).put((byte) 0);
    frame.sendWith(raw, Collections.nCopies(2, stray.theirs()));
    stray.theirs().release();
    assertThatThrownBy(other::receive)
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("a packet with descriptors");
    Frame end = new Frame(8);
    assertThat(end.receive(stray.ours())).as("nobody has the other end").isZero();
    stray.ours().release();
  }
}
