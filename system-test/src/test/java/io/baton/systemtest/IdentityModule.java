package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.codec.websocket.Handshake;
import io.baton.service.Authentication;
import io.baton.service.AuthenticationRequest;
import io.baton.service.Module;
import io.baton.service.Principal;
import io.baton.service.RequestHead;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * Clients that say who they are by HTTP's Basic, with their name as the password: {@code mallory}
 * is forbidden everything, for {@code slow} the decision never comes, for {@code broken} it throws.
 */
public final class IdentityModule implements Module {

  @Override
  public String name() {
    return "identity";
  }

  @Override
  public void start(Context context) {
    context.authenticator("basic", IdentityModule::decide);
    context.service("who", FullHttpRequest.class, HttpObject.class, () -> IdentityModule::answer);
    context.service("talk", WebSocketFrame.class, WebSocketFrame.class, new Keeping());
  }

  private static Authentication decide(AuthenticationRequest request) throws InterruptedException {
    return switch (request) {
      case AuthenticationRequest.Http http -> decide(http.head());
      case AuthenticationRequest.Credential _ -> new Authentication.Forbidden();
    };
  }

  private static Authentication decide(RequestHead head) throws InterruptedException {
    String basic = head.field("Authorization").orElse("");
    String[] pair =
        basic.startsWith("Basic ")
            ? new String(Base64.getDecoder().decode(basic.substring(6)), UTF_8).split(":", 2)
            : new String[] {"", "none"};
    if (!pair[0].equals(pair[1])) {
      return new Authentication.Unauthenticated("Basic realm=\"test\"");
    }
    switch (pair[0]) {
      case "mallory" -> {
        return new Authentication.Forbidden();
      }
      case "broken" -> throw new IllegalStateException("no directory of users");
      case "slow" -> new CountDownLatch(1).await();
      default -> {
        // is known
      }
    }
    return new Authentication.Accepted(new Principal(pair[0], Map.of("role", "tester")));
  }

  private static String said(Session<?> session) {
    return session
        .principal()
        .map(each -> each.name() + " " + each.attributes().get("role"))
        .orElse("nobody");
  }

  private static void answer(Session<HttpObject> session, FullHttpRequest request) {
    session.send(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.OK,
            Unpooled.copiedBuffer(said(session) + " " + request.content().readableBytes(), UTF_8)));
  }

  /** Keeps one field of the handshake. */
  public static final class Keeping implements Handshake {
    @Override
    public Service<WebSocketFrame, WebSocketFrame> get() {
      return new Talk();
    }

    @Override
    public Set<String> kept() {
      return Set.of("X-Device");
    }
  }

  /** Says whom it serves, by what request, and where. */
  public static final class Talk implements Service<WebSocketFrame, WebSocketFrame> {
    @Override
    public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
      RequestHead head = session.handshake().orElseThrow();
      session.send(
          new TextWebSocketFrame(
              "%s, %s %s, %s %s, in %d"
                  .formatted(
                      said(session),
                      head.method(),
                      head.target(),
                      head.field("x-device").orElse("no device"),
                      head.field("authorization").orElse("no secret"),
                      ProcessHandle.current().pid())));
    }
  }
}
