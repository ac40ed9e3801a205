package io.baton.bench;

import io.baton.service.Module;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** Brings the services {@code answer-64} and {@code answer-1024}, which send so many bytes. */
public final class AnswerModule implements Module {
  @Override
  public String name() {
    return "answer";
  }

  @Override
  public void start(Context context) {
    for (int size : new int[] {64, 1024}) {
      Answer answer = new Answer(new byte[size]);
      context.service("answer-" + size, FullHttpRequest.class, HttpObject.class, () -> answer);
    }
  }

  private static final class Answer implements Service<FullHttpRequest, HttpObject> {
    private final byte[] bytes;

    Answer(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void received(Session<HttpObject> session, FullHttpRequest request) {
      DefaultFullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(bytes));
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
      session.send(response);
    }
  }
}
