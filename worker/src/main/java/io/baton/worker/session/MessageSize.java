package io.baton.worker.session;

import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.worker.spool.MappedBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;

/** The bytes that a message counts for. */
final class MessageSize {
  /** A content of at most so many bytes is never looked at for being in a file. */
  private static final int SMALL = 64 * 1024;

  /** What a message costs beside its bytes, as Netty counts it for those that are written. */
  private static final int OVERHEAD = 96;

  private MessageSize() {}

  /**
   * Returns what a message counts against its session's window: its content in memory. A message
   * without content, or whose content cannot be told, counts as a message only. So does content
   * that is in a file, though it looks like memory.
   */
  static int of(Object message) {
    return switch (message) {
      case ByteBuf bytes -> bytes.readableBytes();
      case ByteBufHolder holder -> ofContent(holder.content());
      case CharSequence text -> text.length();
      case LinkInput input -> input.size();
      case LinkOutput output -> output.size();
      default -> 0;
    };
  }

  private static int ofContent(ByteBuf content) {
    int bytes = content.readableBytes();
    return bytes > SMALL && MappedBody.isBehind(content) ? 0 : bytes;
  }

  /** Returns what a message counts while it waits for its client. */
  static int pending(Object message) {
    return Math.min(of(message), Integer.MAX_VALUE - OVERHEAD) + OVERHEAD;
  }
}
