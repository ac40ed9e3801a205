package io.baton.worker.codec.link;

import io.baton.link.core.LinkCode;
import io.baton.link.core.ServerHandshake;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.List;

/** The server's steps of a handshake, written to a channel. Event loop only. */
final class Handshakes {
  private static final int CHUNK = 512;

  private Handshakes() {}

  /** Writes all that the handshake has to say now. */
  static void write(ServerHandshake handshake, ChannelHandlerContext to) {
    while (handshake.pending()) {
      ByteBuf bytes = to.alloc().ioBuffer(CHUNK, CHUNK);
      bytes.writerIndex(handshake.write(bytes.internalNioBuffer(0, CHUNK)));
      var _ = to.write(bytes, to.voidPromise());
    }
    to.flush();
  }

  /** Refuses the client, if it has not been welcomed. */
  static void refuse(ServerHandshake handshake, LinkCode code, ChannelHandlerContext to) {
    handshake.refuse(code, 0, "", List.of());
    write(handshake, to);
  }
}
