package io.baton.worker.codec.http;

import io.baton.codec.ClientIdentity;
import io.baton.codec.Window;
import io.baton.service.Authentication;
import io.baton.service.AuthenticationRequest;
import io.baton.service.Principal;
import io.baton.worker.identity.AuthenticationLane;
import io.baton.worker.identity.Guard;
import io.baton.worker.identity.Verdict;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection before the authenticators of its listener: one at a time, because
 * the window is shut until it is decided. What follows the request stays bytes, and the session
 * stays where it is.
 *
 * <pre>
 *   admits ──► no authenticator: true
 *      └─────► asked ──► accepted ──► the waiting request goes on
 *                  ├───► refused ───► it is answered
 *                  ├───► failed ────► the session ends, as for an error of its service
 *                  └───► forget ────► the client has gone: nobody is told
 * </pre>
 *
 * <p>Event loop only.
 */
final class RequestGate {

  /** A request that is waiting for the decision. */
  interface Waiting {
    /** It may go on. Not called in a read, and the window is shut. */
    void accepted();

    /** The client gets this instead. */
    void refused(FullHttpResponse reply);

    /** The client has gone, or the session has ended. */
    void forgotten();
  }

  private final Guards guards;
  private final Supplier<ClientIdentity> identity;
  private final Exchange exchange;
  private final Window window;
  private AuthenticationLane.@Nullable Call call;
  private @Nullable Waiting waiting;

  RequestGate(Guards guards, Supplier<ClientIdentity> identity, Exchange exchange, Window window) {
    this.guards = guards;
    this.identity = identity;
    this.exchange = exchange;
    this.window = window;
  }

  /**
   * Asks for whom the request is, if somebody decides on that.
   *
   * @param then is told, unless this returns true
   * @return true if nobody does: it may go on
   */
  boolean admits(ChannelHandlerContext ctx, HttpRequest head, Waiting then) {
    identity.get().principal(Optional.empty());
    Guards.OfRoute route = guards.find(exchange.route());
    if (route.guard().isEmpty()) {
      return true;
    }
    Guard guard = route.guard().get();
    waiting = then;
    exchange.undecided(true);
    window.shut();
    AuthenticationRequest request =
        new AuthenticationRequest.Http(
            identity.get().connection(), route.route(), RequestHeads.of(head));
    call = guard.ask(request, ctx.executor(), verdict -> decided(ctx, verdict));
    return false;
  }

  /** Whether a request is waiting for a decision. */
  boolean isAsking() {
    return waiting != null;
  }

  private void decided(ChannelHandlerContext ctx, Verdict verdict) {
    Waiting then = take();
    if (then == null) {
      return;
    }
    switch (verdict) {
      case Verdict.Decided(Authentication.Accepted(Principal principal)) -> {
        identity.get().principal(Optional.of(principal));
        then.accepted();
      }
      case Verdict.Decided(Authentication.Refused refused) ->
          then.refused(Replies.refused(refused));
      case Verdict.TimedOut _, Verdict.Overloaded _ -> then.refused(Replies.tryAgain());
      case Verdict.Failed(var cause) -> {
        then.forgotten();
        exchange.asked(); // the goodbye is a 500
        ctx.pipeline().fireExceptionCaught(cause);
      }
    }
  }

  /** A session that may begin would be one too many of its principal. */
  void limited() {
    guards.counters().limited();
  }

  /** Nothing is decided any more. */
  void forget() {
    AuthenticationLane.Call asked = call;
    Waiting then = take();
    if (asked != null) {
      asked.cancel();
    }
    if (then != null) {
      then.forgotten();
    }
  }

  private @Nullable Waiting take() {
    Waiting then = waiting;
    waiting = null;
    call = null;
    exchange.undecided(false);
    return then;
  }
}
