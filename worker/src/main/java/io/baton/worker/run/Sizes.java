package io.baton.worker.run;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;

/** How much a message counts against its session's window, in bytes. */
final class Sizes {

  private Sizes() {}

  /** Of content; what has none, or none that can be told, counts as a message only. */
  static int of(Object message) {
    return switch (message) {
      case ByteBuf bytes -> bytes.readableBytes();
      case ByteBufHolder holder -> holder.content().readableBytes();
      case CharSequence text -> text.length();
      default -> 0;
    };
  }
}
