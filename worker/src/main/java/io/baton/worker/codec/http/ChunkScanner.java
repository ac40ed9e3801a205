package io.baton.worker.codec.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.handler.codec.http.TooLongHttpContentException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.internal.StringUtil;

/**
 * Bounds what surrounds the content of one chunked body (RFC 9112, 7.1), and looks at it before
 * Netty's decoder does, which knows the grammar but no bounds: a chunk that says that it is longer
 * than the body may be is refused before it comes, lines and extensions may not be much longer than
 * the content, and trailers keep the rules of a head.
 */
final class ChunkScanner {
  /** What is beside the content may be as long as it, twice, besides so much for each chunk, */
  private static final int PER_CHUNK = 16;

  /** and so much altogether. */
  private static final int MAX_EXCESS = 16 * 1024;

  private static final int CRLF = 2;

  /** Bits of a digit. */
  private static final int HEX = 4;

  private final HeadScanner trailers;

  /** Bytes of the current chunk that the decoder has not used up; 0: a line is next. */
  private long ahead;

  /** The current chunk is the last one; what follows it are trailers. */
  private boolean last;

  /** Bytes of an unfinished line that were looked at. */
  private int seen;

  private long excess;

  /**
   * @param trailers of a request whose head is done with, which has the bounds of lines, too
   */
  ChunkScanner(HeadScanner trailers) {
    this.trailers = trailers;
  }

  /**
   * Looks at what is next.
   *
   * @param room how much longer the body may become
   * @return whether the decoder may go on; if not, more has to come
   * @throws TooLongHttpContentException if the next chunk is longer than that
   * @throws IllegalArgumentException if there is too much beside the content
   */
  boolean ready(ByteBuf in, long room) {
    if (ahead > 0) {
      return true;
    }
    if (last) {
      return trailers.whole(in);
    }
    int start = in.readerIndex();
    int lf = in.indexOf(start + seen, in.writerIndex(), HttpConstants.LF);
    if (lf < 0) {
      seen = in.readableBytes();
      if (seen > trailers.maxLine()) {
        throw new TooLongHttpLineException("the line of a chunk");
      }
      return false;
    }
    seen = 0;
    int line = lf + 1 - start;
    long size = size(in, start, lf);
    if (size > room) {
      throw new TooLongHttpContentException("a chunk of " + size + " bytes");
    }
    excess = Math.max(0, excess + line + CRLF - PER_CHUNK - 2 * size);
    if (excess > MAX_EXCESS) {
      throw new IllegalArgumentException("chunks with little content");
    }
    last = size == 0;
    ahead = last ? line : line + size + CRLF;
    if (last) {
      trailers.beginTrailers();
    }
    return true;
  }

  /** The decoder has used up so many bytes. */
  void consumed(int bytes) {
    ahead = Math.max(0, ahead - bytes);
  }

  /** At most Long.MAX_VALUE. Of a line without a size, of which the decoder will complain, 0. */
  private static long size(ByteBuf in, int start, int lf) {
    long size = 0;
    for (int at = start; at < lf; at++) {
      int digit = StringUtil.decodeHexNibble(in.getByte(at));
      if (digit < 0) {
        break;
      }
      size = size > Long.MAX_VALUE >> HEX ? Long.MAX_VALUE : (size << HEX) | digit;
    }
    return size;
  }
}
