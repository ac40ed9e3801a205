package io.baton.worker.codec.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/**
 * Finds the end of a request's head while its bytes come, each byte looked at once, and is strict
 * where Netty's decoder is kind and two servers in a row could come to differ on what was asked:
 * lines end with CRLF, a request line has single spaces (RFC 9112, 3), no header is folded (5.2).
 *
 * <p>It keeps no bytes, only how far it got in a buffer that is kept by others; a head over its
 * bounds is told from as many bytes as the bounds allow.
 */
final class HeadScanner {
  /** Of one request; as many as other servers allow. */
  static final int MAX_HEADERS = 100;

  private static final int CRLF = 2;
  private static final String CONTENT_LENGTH = "content-length";

  /** Makes a letter small, and of what else stands in such a name only '-' what it was. */
  private static final int LOWER = 0x20;

  /** These eight characters as one number, and where in it the two digits are. */
  private static final long HTTP_1_1 = 0x48_54_54_50_2f_31_2e_31L;

  private static final long DIGITS = 0xff_00_ffL;

  private final int maxRequestLine;
  private final int maxHeader;
  private int lines;
  private int lengths;
  private int headersAt;
  private int lineAt;
  private int seen;

  HeadScanner(int maxRequestLine, int maxHeader) {
    this.maxRequestLine = maxRequestLine;
    this.maxHeader = maxHeader;
  }

  /** Of a request's first line, in bytes. */
  int maxLine() {
    return maxRequestLine;
  }

  /** The next byte is the first of a request. */
  void reset() {
    lines = 0;
    lengths = 0;
    headersAt = 0;
    lineAt = 0;
    seen = 0;
  }

  /** The next byte is the first of a request's trailers, which are like a head's header fields. */
  void beginTrailers() {
    reset();
    lines = 1;
  }

  /**
   * Looks at what has come since the last call. Skips empty lines before a request (RFC 9112, 2.2).
   *
   * @return whether the buffer begins with a whole head
   * @throws TooLongHttpLineException if its first line exceeds its bound
   * @throws TooLongHttpHeaderException if the rest exceeds its bounds
   * @throws IllegalArgumentException if it is malformed; what is inside the header lines is not
   *     looked at here
   */
  boolean whole(ByteBuf in) {
    while (true) {
      int start = in.readerIndex();
      int lf = in.indexOf(start + seen, in.writerIndex(), HttpConstants.LF);
      if (lf < 0) {
        seen = in.readableBytes();
        checkUnfinished(in, start);
        return false;
      }
      int length = lf - (start + lineAt) - 1;
      if (length < 0 || in.getByte(lf - 1) != HttpConstants.CR) {
        throw new IllegalArgumentException("a line that does not end with CRLF");
      }
      if (lines == 0 && length == 0) {
        in.skipBytes(CRLF);
        reset();
        continue;
      }
      checkLine(in, start + lineAt, length);
      lines++;
      lineAt += length + CRLF;
      seen = lineAt;
      if (lines == 1) {
        headersAt = lineAt;
      } else if (length == 0) {
        return true;
      }
    }
  }

  private void checkLine(ByteBuf in, int at, int length) {
    if (lines == 0) {
      if (length > maxRequestLine) {
        throw new TooLongHttpLineException("the request line");
      }
      checkRequestLine(in, at, length);
      return;
    }
    if (lineAt - headersAt + length > maxHeader) {
      throw new TooLongHttpHeaderException("the header");
    }
    if (length > 0 && lines > MAX_HEADERS) {
      throw new TooLongHttpHeaderException("too many header fields");
    }
    if (length > 0 && isBlank(in.getByte(at))) {
      throw new IllegalArgumentException("a folded header line");
    }
    // For HTTP/1.0 the decoder would take the first and forget the others.
    if (isContentLength(in, at, length) && ++lengths > 1) {
      throw new IllegalArgumentException("more than one Content-Length");
    }
  }

  private static boolean isContentLength(ByteBuf in, int at, int length) {
    if (length <= CONTENT_LENGTH.length() || in.getByte(at + CONTENT_LENGTH.length()) != ':') {
      return false;
    }
    for (int i = 0; i < CONTENT_LENGTH.length(); i++) {
      if ((in.getByte(at + i) | LOWER) != CONTENT_LENGTH.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** What will not become a head is told before its end comes, which it might never. */
  private void checkUnfinished(ByteBuf in, int start) {
    if (seen == 0) {
      return;
    }
    if (lines == 0) {
      byte first = in.getByte(start);
      if (first != HttpConstants.CR && !Chars.isToken(first)) {
        throw new IllegalArgumentException("not HTTP");
      }
      if (seen > maxRequestLine + 1) { // its CR may be there
        throw new TooLongHttpLineException("the request line");
      }
    } else if (seen - headersAt > maxHeader + 1) {
      throw new TooLongHttpHeaderException("the header");
    }
  }

  /**
   * {@code method SP target SP HTTP/digit.digit}. Loops of its own, which the CR ends at the
   * latest: a buffer's {@code forEachByte} calls for each byte what could be anybody's.
   */
  private static void checkRequestLine(ByteBuf in, int from, int length) {
    int to = from + length;
    int method = from;
    while (Chars.isToken(in.getByte(method))) {
      method++;
    }
    require(method > from && in.getByte(method) == HttpConstants.SP, "the method");
    int target = method + 1;
    int end = target;
    while (Chars.isTarget(in.getByte(end))) {
      end++;
    }
    require(end > target && in.getByte(end) == HttpConstants.SP, "the target");
    require(to - (end + 1) == Long.BYTES && isVersion(in.getLong(end + 1)), "the version");
  }

  private static boolean isVersion(long text) {
    return (text & ~DIGITS) == (HTTP_1_1 & ~DIGITS)
        && Chars.isDigit((byte) (text >>> 16))
        && Chars.isDigit((byte) text);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("the request line: " + what);
    }
  }

  private static boolean isBlank(byte b) {
    return b == HttpConstants.SP || b == HttpConstants.HT;
  }
}
