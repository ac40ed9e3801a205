package io.baton.worker.codec.link;

import io.baton.link.core.LinkCore;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/**
 * The frames of one session on the way to its channel: as much is encoded as the kernel takes, so
 * that what a client is sent first is decided as late as possible. Event loop only.
 */
final class LinkWriter {
  /** Bytes that are encoded at a time. */
  private static final int CHUNK = 64 * 1024;

  private LinkWriter() {}

  /**
   * Writes what the client may be sent, until the channel is not writable: it tells when it is
   * again.
   *
   * @return whether there is anything to flush
   */
  static boolean encode(LinkCore from, ChannelHandlerContext to) {
    boolean any = false;
    boolean more = true;
    while (more && from.wanted() > 0 && to.channel().isWritable()) {
      int room = Math.clamp(from.wanted(), LinkCore.MIN_ROOM, CHUNK);
      more = encode(from, to, to.alloc().ioBuffer(room, room));
      any |= more;
    }
    return any;
  }

  /** Writes what is left of a session that ends, which is little, writable or not. */
  static void encodeLast(LinkCore from, ChannelHandlerContext to) {
    while (from.wanted() > 0 && encode(from, to, to.alloc().ioBuffer(LinkCore.MIN_ROOM))) {
      // There may be more.
    }
  }

  private static boolean encode(LinkCore from, ChannelHandlerContext to, ByteBuf bytes) {
    int length = from.write(bytes.internalNioBuffer(0, bytes.capacity()));
    if (length == 0) {
      bytes.release();
      return false;
    }
    bytes.writerIndex(length);
    var _ = to.write(bytes, to.voidPromise());
    return true;
  }
}
