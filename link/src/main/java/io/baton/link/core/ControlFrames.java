package io.baton.link.core;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The small frames that wait for their turn: at most one of each type, so a peer's questions cost
 * no memory. A newer PING or PONG takes the place of an older one. They belong to a connection and
 * are forgotten with it.
 */
final class ControlFrames {
  private long @Nullable [] ping;
  private long @Nullable [] pong;
  private byte @Nullable [] goAway;

  void ping(long t1) {
    ping = new long[] {t1};
  }

  void pong(long t1, long t2, long t3) {
    pong = new long[] {t1, t2, t3};
  }

  void goAway(LinkCode code, long comeBackMillis) {
    goAway = new ByteSink().u16(code.number()).varint(comeBackMillis).toFrame(FrameType.GOAWAY);
  }

  /** Writes those that there is room for; returns whether none is left. */
  boolean write(ByteBuffer to) {
    if (ping != null && to.remaining() >= Frame.MIN_ROOM) {
      write(FrameType.PING, ping, to);
      ping = null;
    }
    if (pong != null && to.remaining() >= Frame.MIN_ROOM) {
      write(FrameType.PONG, pong, to);
      pong = null;
    }
    if (goAway != null && to.remaining() >= Frame.MIN_ROOM) {
      to.put(goAway);
      goAway = null;
    }
    return ping == null && pong == null && goAway == null;
  }

  private static void write(FrameType type, long[] times, ByteBuffer to) {
    Frame.head(to, type, 8 * times.length);
    for (long each : times) {
      to.putLong(each);
    }
  }
}
