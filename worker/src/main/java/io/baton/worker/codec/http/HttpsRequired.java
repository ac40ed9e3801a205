package io.baton.worker.codec.http;

import io.baton.worker.tls.PlaintextReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * A 400 in the clear for requests that are sent without encryption to a listener with TLS. A
 * request is told by its method and the space behind it. Event loop only.
 */
final class HttpsRequired implements PlaintextReply {
  /** Longer than any registered method (RFC 9110, 16.1). */
  private static final int MAX_METHOD = 20;

  private static final byte[] HEAD = ascii("HEAD ");
  private static final byte[] STATUS = ascii("HTTP/1.1 400 Bad Request\r\n");
  private static final byte[] REST = ascii("content-type: text/plain\r\nconnection: close\r\n\r\n");
  private static final byte[] TEXT =
      ascii("This port is for HTTPS: use https:// instead of http:// in the address.\n");

  private final UsualLines lines;

  HttpsRequired(UsualLines lines) {
    this.lines = lines;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public Verdict to(ByteBuf first) {
    int start = first.readerIndex();
    int length = Math.min(first.readableBytes(), MAX_METHOD + 1);
    for (int i = 0; i < length; i++) {
      byte next = first.getByte(start + i);
      if (next == ' ' && i > 0) {
        return new Reply(reply(first));
      }
      if (!isOfMethod(next)) {
        return new Foreign();
      }
    }
    return length > MAX_METHOD ? new Foreign() : new Undecided();
  }

  /** Methods are in capitals, though the grammar would allow any token (RFC 9110, 9.1). */
  private static boolean isOfMethod(byte next) {
    return (next >= 'A' && next <= 'Z') || next == '-' || next == '_';
  }

  private ByteBuf reply(ByteBuf request) {
    ByteBuf reply = Unpooled.buffer().writeBytes(STATUS);
    lines.write(reply, true, true, TEXT.length);
    reply.writeBytes(REST);
    return isHead(request) ? reply : reply.writeBytes(TEXT); // that to a HEAD has no body
  }

  private static boolean isHead(ByteBuf request) {
    return request.readableBytes() >= HEAD.length
        && ByteBufUtil.equals(
            request, request.readerIndex(), Unpooled.wrappedBuffer(HEAD), 0, HEAD.length);
  }
}
