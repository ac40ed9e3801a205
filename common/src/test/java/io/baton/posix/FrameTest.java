package io.baton.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameTest {

  private final Frame frame = new Frame(64);
  private final SocketPair pair = SocketPair.open();

  FrameTest() throws PosixException {}

  @AfterEach
  void close() {
    pair.ours().close();
    pair.theirs().close();
  }

  @Test
  void aDescriptorArrivesAndWorks() throws Exception {
    SocketPair other = SocketPair.open();
    send(7, other.theirs());
    other.theirs().release();
    assertThat(frame.receive(pair.theirs())).isEqualTo(1);
    assertThat(frame.payload().get()).isEqualTo((byte) 7);
    try (Fd arrived = frame.takeDescriptors().getFirst()) {
      frame.payload().clear().putInt(42);
      assertThat(frame.send(arrived, null)).isEqualTo(4);
      assertThat(frame.receive(other.ours())).isEqualTo(4);
      assertThat(frame.payload().getInt()).isEqualTo(42);
    }
    assertThat(frame.receive(other.ours())).isZero();
    other.ours().release();
  }

  @Test
  void aReceivedDescriptorIsNotInheritedByChildren() throws Exception {
    send(1, pair.ours());
    assertThat(frame.receive(pair.theirs())).isEqualTo(1);
    try (Fd arrived = frame.takeDescriptors().getFirst()) {
      assertThat(flags(arrived) & 02000000).isNotZero(); // O_CLOEXEC
    }
  }

  @Test
  void aDescriptorIsTakenOnce() throws Exception {
    send(1, pair.ours());
    frame.receive(pair.theirs());
    frame.takeDescriptors().getFirst().release();
    assertThat(frame.takeDescriptors()).isEmpty();
  }

  @Test
  void aMessageWithoutDescriptorsHasNoneLeftFromTheOneBefore() throws Exception {
    send(1, pair.ours());
    send(2, null);
    frame.receive(pair.theirs());
    frame.takeDescriptors().getFirst().release();
    assertThat(frame.receive(pair.theirs())).isEqualTo(1);
    assertThat(frame.takeDescriptors()).isEmpty();
    assertThat(frame.descriptorLost()).isFalse();
  }

  @Test
  void twoDescriptorsArriveInTheirOrder() throws Exception {
    Descriptors.assertNoneLeft(() -> {
      SocketPair other = SocketPair.open();
      frame.payload().clear().put((byte) 1);
      assertThat(frame.sendWith(pair.ours(), List.of(other.ours(), other.theirs()))).isEqualTo(1);
      other.ours().release();
      other.theirs().release();
      assertThat(frame.receive(pair.theirs())).isEqualTo(1);
      List<Fd> arrived = frame.takeDescriptors();
      assertThat(arrived).hasSize(2);
      frame.payload().clear().putInt(42);
      assertThat(frame.send(arrived.getFirst(), null)).isEqualTo(4);
      assertThat(frame.receive(arrived.getLast())).isEqualTo(4);
      arrived.forEach(Fd::release);
    });
  }

  @Test
  void theMaximumNumberOfDescriptorsArrives() throws Exception {
    Descriptors.assertNoneLeft(() -> {
      frame.payload().clear().put((byte) 1);
      List<Fd> many = Collections.nCopies(Frame.MAX_DESCRIPTORS, pair.ours());
      assertThat(frame.sendWith(pair.ours(), many)).isEqualTo(1);
      assertThat(frame.receive(pair.theirs())).isEqualTo(1);
      assertThat(frame.descriptorLost()).isFalse();
      List<Fd> arrived = frame.takeDescriptors();
      assertThat(arrived).hasSize(Frame.MAX_DESCRIPTORS);
      arrived.forEach(Fd::release);
    });
  }

  @Test
  void descriptorsBeyondTheMaximumAreReportedLostAndNoneLeaks() throws Exception {
    Descriptors.assertNoneLeft(() -> {
      Fd[] many = Collections.nCopies(Frame.MAX_DESCRIPTORS + 1, pair.ours()).toArray(Fd[]::new);
      RawMessage.send(pair.ours(), many);
      assertThat(frame.receive(pair.theirs())).isEqualTo(1);
      assertThat(frame.descriptorLost()).isTrue();
      frame.takeDescriptors().forEach(Fd::release);
    });
  }

  @Test
  void aMessageLongerThanThePayloadIsReportedTruncated() {
    Frame longer = new Frame(65);
    longer.payload().clear().position(65);
    assertThat(longer.send(pair.ours(), null)).isEqualTo(65);
    assertThat(frame.receive(pair.theirs())).isEqualTo(64);
    assertThat(frame.truncated()).isTrue();
    send(1, null);
    assertThat(frame.receive(pair.theirs())).isEqualTo(1);
    assertThat(frame.truncated()).isFalse();
  }

  @Test
  void anEmptySocketIsNotTheEnd() {
    assertThat(frame.receive(pair.theirs())).isEqualTo(-Errno.EAGAIN);
    pair.ours().release();
    assertThat(frame.receive(pair.theirs())).isZero();
  }

  @Test
  void theGarbageCollectorMayRunAtAnyTime() throws Exception {
    for (int i = 0; i < 20; i++) {
      send(i, pair.ours());
      System.gc();
      assertThat(frame.receive(pair.theirs())).isEqualTo(1);
      assertThat(frame.payload().get()).isEqualTo((byte) i);
      System.gc();
      frame.takeDescriptors().getFirst().release();
    }
  }

  private void send(int what, @Nullable Fd descriptor) {
    frame.payload().clear().put((byte) what);
    assertThat(frame.send(pair.ours(), descriptor)).isEqualTo(1);
  }

  private static int flags(Fd fd) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd.number())).stream()
        .filter(line -> line.startsWith("flags:"))
        .mapToInt(line -> Integer.parseInt(line.substring(6).strip(), 8))
        .findFirst()
        .orElseThrow();
  }
}
