package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Random;

/**
 * Any bytes in any pieces are frames of a session or end it: with bounded memory, one end, an
 * answer of whole frames, and a state that is saved and restored the same. The first byte says how
 * large the pieces are, the second behind which of them the session goes on as what was saved of
 * it; at the end it is saved in any case. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl link -am -Dtest=FramesFuzzTest} looks for more.
 */
class FramesFuzzTest {
  private static final Limits LIMITS = new Limits(512, 1_024, 2_048, 8_192);

  /** Rings double; 64 channels have one each; a frame that is not whole; schemas; asks. */
  private static final long MOST_KEPT =
      4L * (2_048 + 1_024) + 65 * 256 + 2 * 65_536 + 65_536 + 65_536;

  /** A session that has something of everything to send, made once. */
  private static final byte[] BEGUN = begun();

  /** For what is written, which is looked at and forgotten. */
  private static final ByteBuffer WRITTEN = ByteBuffer.allocate(8_192);

  private static byte[] begun() {
    LinkCore core = Handshakes.open(LIMITS, LIMITS, new Random(1)).server();
    core.define(0, ByteBuffer.allocate(4));
    core.send(0, ByteBuffer.allocate(100));
    core.streams().write(core.streams().open("s", -1), ByteBuffer.allocate(200));
    core.ask(0, 0, ByteBuffer.allocate(10));
    core.send(core.openMessages("jobs"), 0, ByteBuffer.allocate(50));
    return core.save();
  }

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreFramesOrEndTheSession(byte[] bytes) {
    if (bytes.length < 2) {
      return;
    }
    LinkCore core = LinkCore.restore(BEGUN);
    Handed events = new Handed();
    int most = 1 + (bytes[0] & 0xFF);
    int untilSaved = bytes[1] & 0xFF;
    for (int at = 2; at < bytes.length; at += most) {
      int size = Math.min(most, bytes.length - at);
      core.read(ByteBuffer.wrap(bytes, at, size), events);
      check(core.buffered() < MOST_KEPT, "more is kept than may be: ", core.buffered());
      use(core, events, bytes[at]);
      checkWritten(core);
      if (untilSaved-- == 0) {
        core = restored(core);
      }
    }
    restored(core);
    check(events.ends < 2, "the session has ended more than once: ", events.ends);
  }

  /** What was handed out and is not processed. */
  private static final class Handed implements LinkEvents {
    /** Channels and sizes of messages, the oldest first. */
    final ArrayDeque<int[]> messages = new ArrayDeque<>();

    boolean takes = true;
    int ends;

    @Override
    public boolean message(
        int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size) {
      messages.add(new int[] {channel, size});
      return takes;
    }

    @Override
    public void defined(int types, ByteBuffer schema) {
      // Nobody reads it.
    }

    @Override
    public void closed(int code, String text) {
      ends++;
    }
  }

  /** Does what a user may do, as the byte says. */
  private static void use(LinkCore core, Handed events, int what) {
    if ((what & 1) == 0 && !events.messages.isEmpty()) {
      int[] given = events.messages.remove();
      core.consumed(given[0], given[1]);
    }
    if ((what & 64) == 0 && !events.messages.isEmpty()) {
      int[] given = events.messages.removeLast();
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
    core.write(WRITTEN.clear());
    WRITTEN.flip();
    while (WRITTEN.hasRemaining()) {
      int head = WRITTEN.getInt();
      check(FrameType.of(head & 0xFF) != null, "a frame of no type was written: ", head & 0xFF);
      WRITTEN.position(WRITTEN.position() + (head >>> 8));
    }
  }

  private static LinkCore restored(LinkCore core) {
    byte[] saved = core.save();
    LinkCore restored = LinkCore.restore(saved);
    assertThat(restored.save()).isEqualTo(saved);
    return restored;
  }

  /** An assertion that costs nothing where it holds: there are some for each piece of input. */
  private static void check(boolean fits, String problem, long value) {
    if (!fits) {
      throw new AssertionError(problem + value);
    }
  }
}
