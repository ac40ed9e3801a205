package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Any bytes in any pieces are frames of a session or end it: with bounded memory, one end, an
 * answer of whole frames, and a state that is saved and restored the same. The first byte says how
 * large the pieces are. Under {@code mvn verify} this runs its seeds; {@code JAZZER_FUZZ=1 mvn test
 * -pl link -am -Dtest=FramesFuzzTest} looks for more.
 */
class FramesFuzzTest {
  private static final Limits LIMITS = new Limits(512, 1_024, 2_048, 8_192);

  /** Rings double; 64 channels have one each; a frame that is not whole; schemas; asks. */
  private static final long MOST_KEPT =
      4L * (2_048 + 1_024) + 65 * 256 + 2 * 65_536 + 65_536 + 65_536;

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreFramesOrEndTheSession(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    LinkCore core = Handshakes.open(LIMITS, LIMITS, new Random(1)).server();
    core.define(0, ByteBuffer.allocate(4));
    core.send(0, ByteBuffer.allocate(100));
    core.streams().write(core.streams().open("s", -1), ByteBuffer.allocate(200));
    core.ask(0, 0, ByteBuffer.allocate(10));
    core.send(core.openMessages("jobs"), 0, ByteBuffer.allocate(50));
    RecordingEvents events = new RecordingEvents();
    int most = 1 + (bytes[0] & 0xFF);
    for (int at = 1; at < bytes.length; at += most) {
      int size = Math.min(most, bytes.length - at);
      core.read(ByteBuffer.wrap(bytes, at, size), events);
      assertThat(core.buffered()).isLessThan(MOST_KEPT);
      use(core, events, bytes[at]);
      checkWritten(core);
      core = restored(core);
    }
    assertThat(events.lines.stream().filter(each -> each.startsWith("closed"))).hasSizeLessThan(2);
  }

  /** Does what a user may do, as the byte says. */
  private static void use(LinkCore core, RecordingEvents events, int what) {
    if ((what & 1) == 0 && !events.sizes.isEmpty()) {
      core.consumed(events.sizes.removeFirst());
    }
    if ((what & 64) == 0 && !events.others.isEmpty()) {
      int[] given = events.others.removeFirst();
      core.consumed(given[0], given[1]);
    }
    events.takes = (what & 2) == 0;
    if ((what & 4) == 0 && !core.holdsBack()) {
      core.streams().read(1, ByteBuffer.allocate(what & 0x3F));
    }
    if ((what & 8) == 0) {
      core.grantAll();
      core.fail(0, 1, 300, "no reply");
    }
    if ((what & 16) == 0) {
      core.reply(1, 1, 0, ByteBuffer.allocate(9));
      core.cancelAsks();
    }
    if ((what & 32) == 0) {
      core.streams().stop(3, LinkCode.BYE.number());
    }
    core.deliver(events);
  }

  private static void checkWritten(LinkCore core) {
    ByteBuffer written = ByteBuffer.allocate(8_192);
    core.write(written);
    written.flip();
    while (written.hasRemaining()) {
      int head = written.getInt();
      assertThat(FrameType.of(head & 0xFF)).isNotNull();
      written.position(written.position() + (head >>> 8));
    }
  }

  private static LinkCore restored(LinkCore core) {
    byte[] saved = core.save();
    LinkCore restored = LinkCore.restore(saved);
    assertThat(restored.save()).isEqualTo(saved);
    return restored;
  }
}
