package io.baton.link.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.Peer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * The connection over system calls, tested with a pair of Unix sockets. The class is found only
 * where the classes for Java 22 are, so it is reached by its name.
 */
class NativeConnectionTest {
  private static final Peer PEER = new Peer.Vsock(3, 7100);
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private static LinkConnection over(int fd) throws Exception {
    Constructor<?> constructor =
        Class.forName("io.baton.link.client.NativeConnection")
            .getDeclaredConstructor(int.class, Peer.class);
    return (LinkConnection) constructor.newInstance(fd, PEER);
  }

  private static Class<?> sockets() throws Exception {
    return Class.forName("io.baton.link.client.NativeSockets");
  }

  private static LinkConnection[] pair() throws Exception {
    int[] two = (int[]) sockets().getDeclaredMethod("pair").invoke(null);
    return new LinkConnection[] {over(two[0]), over(two[1])};
  }

  @Test
  void bytesTravelBothWays() throws Exception {
    LinkConnection[] pair = pair();
    try (LinkConnection one = pair[0];
        LinkConnection other = pair[1]) {
      one.write(ByteBuffer.wrap("ping".getBytes(UTF_8)));
      ByteBuffer read = ByteBuffer.allocateDirect(10);
      assertThat(other.read(read)).isEqualTo(4);
      assertThat(UTF_8.decode(read.flip()).toString()).isEqualTo("ping");
      other.write(ByteBuffer.wrap("pong!".getBytes(UTF_8)));
      assertThat(one.read(read.clear())).isEqualTo(5);
      assertThat(one.peer()).isEqualTo(PEER);
    }
  }

  @Test
  void aLongWriteWaitsForItsReader() throws Exception {
    LinkConnection[] pair = pair();
    byte[] sent = new byte[3_000_001];
    new Random(1).nextBytes(sent);
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              try (LinkConnection one = pair[0]) {
                one.write(ByteBuffer.wrap(sent));
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    ByteBuffer read = ByteBuffer.allocate(sent.length);
    try (LinkConnection other = pair[1]) {
      while (other.read(read) >= 0 && read.hasRemaining()) {
        // until the end
      }
      assertThat(other.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
    writer.join();
    assertThat(read.array()).isEqualTo(sent);
  }

  @Test
  void closingEndsAReadThatIsBlocked() throws Exception {
    LinkConnection[] pair = pair();
    AtomicReference<Integer> result = new AtomicReference<>();
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              try {
                result.set(pair[0].read(ByteBuffer.allocate(1)));
              } catch (IOException e) {
                result.set(-1); // Closed before it began to read.
              }
            });
    pair[0].close();
    reader.join();
    assertThat(result).hasValue(-1);
    assertThatThrownBy(() -> pair[0].read(ByteBuffer.allocate(1)))
        .isInstanceOf(IOException.class)
        .hasMessage("the connection is closed");
    pair[0].close();
    pair[1].close();
  }

  @Test
  void aWriteToAClosedPeerIsAnErrorAndNoSignal() throws Exception {
    LinkConnection[] pair = pair();
    pair[1].close();
    try (LinkConnection one = pair[0]) {
      assertThatThrownBy(() -> one.write(ByteBuffer.allocate(1)))
          .isInstanceOf(IOException.class)
          .hasMessage("write: Broken pipe (errno 32)");
    }
  }

  @Test
  void aDescriptorThatIsNoneIsAnError() throws Exception {
    LinkConnection connection = over(-1);
    assertThatThrownBy(() -> connection.read(ByteBuffer.allocate(1)))
        .isInstanceOf(IOException.class)
        .hasMessage("read: Bad file descriptor (errno 9)");
  }

  @Test
  void anAddressHasTheLayoutOfTheKernel() throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address =
          (MemorySegment)
              MethodHandles.privateLookupIn(sockets(), LOOKUP)
                  .findStatic(
                      sockets(),
                      "vsockAddress",
                      MethodType.methodType(
                          MemorySegment.class, SegmentAllocator.class, long.class, long.class))
                  .invoke((SegmentAllocator) arena, 3L, 0xFFFF_FFFEL);
      ByteBuffer fields = address.asByteBuffer().order(ByteOrder.nativeOrder());
      assertThat(fields.remaining()).isEqualTo(16);
      assertThat(fields.getShort(0)).isEqualTo((short) 40);
      assertThat(fields.getShort(2)).isZero();
      assertThat(fields.getInt(4)).isEqualTo(-2);
      assertThat(fields.getInt(8)).isEqualTo(3);
      assertThat(HexFormat.of().formatHex(address.toArray(ValueLayout.JAVA_BYTE)))
          .endsWith("00000000");
    }
  }

  @Test
  void onJava21TheAddressIsRefusedWithTheReason() {
    assertThat(VsockSockets.class.getResource("VsockSockets.class").toString())
        .describedAs("the class of Java 21; that of Java 22 would connect")
        .doesNotContain("versions/22");
    assertThatThrownBy(() -> VsockSockets.connect(3, 7100))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("vsock://3:7100 needs Java 22 or newer");
  }
}
