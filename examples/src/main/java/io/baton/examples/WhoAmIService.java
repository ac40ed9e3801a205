package io.baton.examples;

import io.baton.service.Principal;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** Tells each client who it is, by the word of its route's authenticator. */
final class WhoAmIService implements Service<FullHttpRequest, HttpObject> {
  @Override
  public void received(Session<HttpObject> session, FullHttpRequest request) {
    String name = session.principal().map(Principal::name).orElse("nobody");
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.OK,
            Unpooled.copiedBuffer(name + "\n", StandardCharsets.UTF_8));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    session.send(response);
  }
}
