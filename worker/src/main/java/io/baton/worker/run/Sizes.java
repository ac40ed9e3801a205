package io.baton.worker.run;

import io.baton.worker.spool.MappedBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;

/** How much a message counts against its session's window, in bytes. */
final class Sizes {

  private Sizes() {}

  /** So much, at most, is never looked at for being in a file. */
  private static final int SMALL = 64 * 1024;

  /**
   * Of content in memory; what has none, or none that can be told, counts as a message only. So
   * does what is in a file, though it looks like memory.
   */
  static int of(Object message) {
    return switch (message) {
      case ByteBuf bytes -> bytes.readableBytes();
      case ByteBufHolder holder -> ofContent(holder.content());
      case CharSequence text -> text.length();
      default -> 0;
    };
  }

  private static int ofContent(ByteBuf content) {
    int bytes = content.readableBytes();
    return bytes > SMALL && MappedBody.isBehind(content) ? 0 : bytes;
  }
}
