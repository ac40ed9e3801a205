package io.baton.examples;

import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.metrics.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** Greets, at whatever path its listener has it. */
final class HelloService implements Service<FullHttpRequest, HttpObject> {
  private static final String ALLOWED = "GET, HEAD";
  private static final byte[] NOT_ALLOWED =
      "Method Not Allowed\n".getBytes(StandardCharsets.US_ASCII);
  private static final AsciiString TEXT = AsciiString.cached("text/plain; charset=utf-8");

  /** Nothing but constants goes into these headers, which need no look at each character. */
  private static final HttpHeadersFactory CONSTANT =
      DefaultHttpHeadersFactory.headersFactory().withValidation(false);

  private final byte[] greeting;

  private final Counter greetings;

  /**
   * @param greetings counts the clients that were greeted
   */
  HelloService(String greeting, Counter greetings) {
    this.greetings = greetings;
    this.greeting = greeting.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void received(Session<HttpObject> session, FullHttpRequest request) {
    session.send(answer(request));
  }

  private FullHttpResponse answer(FullHttpRequest request) {
    if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
      FullHttpResponse response = text(HttpResponseStatus.METHOD_NOT_ALLOWED, NOT_ALLOWED);
      response.headers().set(HttpHeaderNames.ALLOW, ALLOWED);
      return response;
    }
    greetings.increment();
    return text(HttpResponseStatus.OK, greeting);
  }

  private static FullHttpResponse text(HttpResponseStatus status, byte[] text) {
    ByteBuf content = Unpooled.wrappedBuffer(text);
    // Without a word about trailers, an object for them would be made.
    HttpHeaders headers = CONSTANT.newHeaders().set(HttpHeaderNames.CONTENT_TYPE, TEXT);
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1, status, content, headers, EmptyHttpHeaders.INSTANCE);
  }
}
