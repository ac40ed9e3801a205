package io.baton.examples;

import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Answers how many bytes a request's body has, and their SHA-256. For routes with {@code body =
 * whole} and {@code body = stream} alike, because a whole request is a head and a last piece in one
 * object. It computes for as long as a body is large: in the lane {@code virtual} nobody else waits
 * for that.
 */
final class UploadService implements Service<HttpObject, HttpObject> {
  private final MessageDigest digest;
  private long bytes;

  UploadService() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has it", e);
    }
  }

  @Override
  public void received(Session<HttpObject> session, HttpObject message) {
    if (message instanceof HttpRequest) {
      bytes = 0;
      digest.reset();
    }
    if (message instanceof HttpContent piece) {
      add(piece.content());
    }
    if (message instanceof LastHttpContent) {
      session.send(answer());
    }
  }

  private void add(ByteBuf piece) {
    bytes += piece.readableBytes();
    for (ByteBuffer part : piece.nioBuffers()) {
      digest.update(part);
    }
  }

  private FullHttpResponse answer() {
    String text = "%d bytes, SHA-256 %s%n".formatted(bytes, hex(digest.digest()));
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.OK,
            ByteBufUtil.writeAscii(UnpooledByteBufAllocator.DEFAULT, text));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN);
    return response;
  }

  private static String hex(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }
}
