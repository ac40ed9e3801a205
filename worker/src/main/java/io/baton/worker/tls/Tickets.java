package io.baton.worker.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * The session tickets that BoringSSL has ready at the end of a handshake of TLS 1.3. It keeps them
 * until the application writes something; what is written here to get at them is thrown away and
 * seen by nobody, so that the number of its record is still to be used.
 *
 * @param records the tickets, sealed; the caller's
 * @param count how many records they are, the first under the key of the application's traffic
 */
record Tickets(ByteBuf records, int count) {
  static final Tickets NONE = new Tickets(Unpooled.EMPTY_BUFFER, 0);

  private static final int HEADER = 5;

  /** Of what is written at a time, in bytes; tickets contain the client's certificates. */
  private static final int PIECE = 16 * 1024 + 512;

  /**
   * Takes them.
   *
   * @param engine whose handshake is done, and that has written nothing since
   */
  static Tickets of(SSLEngine engine, ByteBufAllocator alloc) throws SSLException {
    ByteBuf all = alloc.directBuffer(PIECE);
    try {
      ByteBuffer one = ByteBuffer.allocate(1);
      boolean full = true;
      while (full) {
        full = write(engine, one, all);
      }
      int count = 0;
      int last = all.readerIndex();
      for (int at = last; at < all.writerIndex(); count++) {
        last = at;
        at += HEADER + all.getUnsignedShort(at + HEADER - Short.BYTES);
        if (at > all.writerIndex()) {
          throw new SSLException("BoringSSL has written part of a record");
        }
      }
      return new Tickets(alloc.buffer(last).writeBytes(all, last), count - 1);
    } finally {
      all.release();
    }
  }

  /** Returns whether there may be more. */
  private static boolean write(SSLEngine engine, ByteBuffer content, ByteBuf to)
      throws SSLException {
    to.ensureWritable(PIECE);
    int room = to.writableBytes();
    SSLEngineResult result = engine.wrap(content, to.internalNioBuffer(to.writerIndex(), room));
    if (content.hasRemaining()) {
      throw new SSLException("BoringSSL writes nothing: " + result);
    }
    to.writerIndex(to.writerIndex() + result.bytesProduced());
    return result.bytesProduced() == room;
  }
}
