package io.baton.worker.codec.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * permessage-deflate without context takeover (RFC 7692, 7.2): each message is packed by itself, so
 * a session keeps nothing between two, and one packer per thread serves all its sessions.
 */
final class Deflate {
  /** What a sender cuts off a message's end, and a receiver puts back. */
  private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

  /** So much of a message is unpacked before it is looked at what it has brought. */
  private static final int PIECE = 512;

  /** So many bytes may bring nothing: a header, and the flushes of a sender. */
  private static final int OVERHEAD = 64;

  private static final int LEAST = 256;
  private static final int USUAL_RATIO = 4;

  private static final FastThreadLocal<Deflater> DEFLATER =
      new FastThreadLocal<>() {
        @Override
        protected Deflater initialValue() {
          return new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        }

        @Override
        protected void onRemoval(Deflater deflater) {
          deflater.end();
        }
      };

  private static final FastThreadLocal<Inflater> INFLATER =
      new FastThreadLocal<>() {
        @Override
        protected Inflater initialValue() {
          return new Inflater(true);
        }

        @Override
        protected void onRemoval(Inflater inflater) {
          inflater.end();
        }
      };

  private Deflate() {}

  /** How long a message of so many bytes can be when packed: what resists costs a little. */
  static int longest(int unpacked) {
    return (int) Math.min(Integer.MAX_VALUE, unpacked + (unpacked >> 8) + 64L);
  }

  /** A message packed, or null if that makes it no shorter. Does not release it. */
  static @Nullable ByteBuf pack(ByteBufAllocator alloc, ByteBuf message) {
    int length = message.readableBytes();
    ByteBuf out = alloc.buffer(length, length);
    Deflater deflater = DEFLATER.get();
    deflater.reset();
    deflater.setInput(message.nioBuffer());
    int packed = deflater.deflate(out.nioBuffer(0, length), Deflater.SYNC_FLUSH);
    if (packed == length) {
      out.release(); // it did not fit, or only just
      return null;
    }
    return out.writerIndex(packed - TAIL.length);
  }

  /**
   * A message unpacked, or null if it is longer than the bound. Does not release it.
   *
   * @throws DataFormatException if this was never packed, or is longer than what it brings by more
   *     than packing ever costs: blocks that bring nothing are dear to unpack
   */
  static @Nullable ByteBuf unpack(ByteBufAllocator alloc, ByteBuf message, int max)
      throws DataFormatException {
    Inflater inflater = INFLATER.get();
    inflater.reset();
    int first = (int) Math.min(Math.max((long) message.readableBytes() * USUAL_RATIO, LEAST), max);
    ByteBuf out = alloc.buffer(first + 1, max + 1);
    boolean whole = false;
    try {
      whole =
          inflatePieces(inflater, message.nioBuffer(), out)
              && inflate(inflater, ByteBuffer.wrap(TAIL), out);
      if (whole && message.readableBytes() > worth(out)) {
        whole = false;
        throw tooDear();
      }
      return whole ? out : null;
    } finally {
      if (!whole) {
        out.release();
      }
    }
  }

  /** As {@link #inflate}; stops soon where the bytes bring too little. */
  private static boolean inflatePieces(Inflater inflater, ByteBuffer in, ByteBuf out)
      throws DataFormatException {
    int length = in.limit();
    int start = in.position();
    while (in.position() < length) {
      in.limit(Math.min(length, in.position() + PIECE));
      if (!inflate(inflater, in, out)) {
        return false;
      }
      if (in.position() - start > worth(out) + PIECE) {
        throw tooDear();
      }
      in.limit(length);
    }
    return true;
  }

  /** How many bytes a message may be packed into that brings these: the worst codes cost 9 / 8. */
  private static long worth(ByteBuf out) {
    int brought = out.writerIndex();
    return brought + brought / 4L + OVERHEAD;
  }

  private static DataFormatException tooDear() {
    return new DataFormatException("blocks that bring nothing");
  }

  /** False if it does not fit. */
  private static boolean inflate(Inflater inflater, ByteBuffer in, ByteBuf out)
      throws DataFormatException {
    inflater.setInput(in);
    while (true) {
      if (!out.isWritable()) {
        if (out.writerIndex() == out.maxCapacity()) {
          return false;
        }
        out.ensureWritable(1);
      }
      int n = inflater.inflate(out.nioBuffer(out.writerIndex(), out.writableBytes()));
      out.writerIndex(out.writerIndex() + n);
      if (inflater.finished()) {
        // A sender may end a block for good (7.2.3.4); another may follow.
        inflater.reset();
        inflater.setInput(in);
      }
      if (n == 0 && inflater.needsDictionary()) {
        throw new DataFormatException("a dictionary that was not negotiated");
      }
      if (out.isWritable() && !in.hasRemaining()) {
        return out.writerIndex() < out.maxCapacity();
      }
    }
  }
}
