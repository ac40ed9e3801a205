package io.baton.systemtest;

import io.baton.codec.http.PlainResponse;
import io.baton.service.Module;
import io.baton.service.Peer;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * A user's module whose service {@code who}, for the line codec, says whom it serves, and via,
 * whose service {@code member} says what certificates its client has, and whose service {@code
 * whose}, for the http codec, says whose a request is.
 */
public final class WhoModule implements Module {

  @Override
  public String name() {
    return "who";
  }

  @Override
  public void start(Context context) {
    context.service("who", String.class, String.class, Who::new);
    context.service("member", String.class, String.class, Member::new);
    context.service("whose", FullHttpRequest.class, HttpObject.class, () -> WhoModule::answer);
  }

  /** Its status is whose request it is. */
  private static void answer(Session<HttpObject> session, FullHttpRequest request) {
    String whose = String.valueOf(request.headers().get("X-Real-IP"));
    session.send(PlainResponse.of(new HttpResponseStatus(HttpResponseStatus.OK.code(), whose)));
  }

  /** One that has nothing to save. */
  public abstract static class Forgetful implements Service<String, String> {

    @Override
    public byte[] save(Session<String> session) {
      return new byte[0];
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {
      // there is nothing to go on with
    }
  }

  /** Says whom it serves. */
  public static final class Who extends Forgetful {
    @Override
    public void received(Session<String> session, String line) {
      session.send(session.peer() + " via " + session.via().map(Peer::toString).orElse("nobody"));
    }
  }

  /** Says what certificates its client has. */
  public static final class Member extends Forgetful {
    @Override
    public void received(Session<String> session, String line) {
      session.send(
          session.peerCertificates().stream()
              .map(each -> each.getSubjectX500Principal().getName())
              .toList()
              .toString());
    }
  }
}
