package io.baton.systemtest;

import io.baton.codec.http.StaticFiles;
import io.baton.service.Module;
import io.baton.service.Session;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** What curl asks: files, what it sent, a stream of events, and two services with a mistake. */
public final class CurlModule implements Module {
  static final int EVENTS = 3;

  @Override
  public String name() {
    return "curl";
  }

  @Override
  public void start(Context context) {
    StaticFiles site =
        StaticFiles.of(CurlModule.class.getClassLoader(), "site", List.of("index.html", "ten.txt"));
    context.service("site", FullHttpRequest.class, HttpObject.class, () -> site.at("/site/*"));
    context.service("mirror", FullHttpRequest.class, HttpObject.class, () -> CurlModule::mirror);
    context.service("number", FullHttpRequest.class, HttpObject.class, () -> CurlModule::number);
    context.service("amount", FullHttpRequest.class, HttpObject.class, () -> CurlModule::amount);
    context.service(
        "events", FullHttpRequest.class, HttpObject.class, () -> (session, _) -> begin(session));
  }

  /** Sends back what came. */
  private static void mirror(Session<HttpObject> session, FullHttpRequest request) {
    String line = "%s %s\n".formatted(request.method(), request.protocolVersion());
    session.send(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.OK,
            Unpooled.wrappedBuffer(
                Unpooled.copiedBuffer(line, StandardCharsets.US_ASCII),
                request.content().retain())));
  }

  /** Takes every client at its word. */
  private static void number(Session<HttpObject> session, FullHttpRequest request) {
    throw new AssertionError(Long.parseLong(query(request)));
  }

  /** Likewise, in another place. */
  private static void amount(Session<HttpObject> session, FullHttpRequest request) {
    throw new AssertionError(Long.parseLong(query(request)));
  }

  private static String query(FullHttpRequest request) {
    return new QueryStringDecoder(request.uri())
        .parameters()
        .getOrDefault("n", List.of("none"))
        .getFirst();
  }

  private static void begin(Session<HttpObject> session) {
    HttpResponse stream = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    stream.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
    session.send(stream);
    event(session, 1);
  }

  private static void event(Session<HttpObject> session, int n) {
    if (n > EVENTS) {
      session.send(LastHttpContent.EMPTY_LAST_CONTENT);
      return;
    }
    session.send(
        new DefaultHttpContent(
            Unpooled.copiedBuffer("data: " + n + "\n\n", StandardCharsets.US_ASCII)));
    var _ = session.after(Duration.ofMillis(10), () -> event(session, n + 1));
  }
}
