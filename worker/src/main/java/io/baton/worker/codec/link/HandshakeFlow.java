package io.baton.worker.codec.link;

import static java.util.Objects.requireNonNull;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Protocol;
import io.baton.codec.ProtocolSwitchEvent;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.Request;
import io.baton.link.core.ServerHandshake;
import io.baton.service.Authentication;
import io.baton.service.AuthenticationRequest;
import io.baton.service.CloseReason;
import io.baton.service.Principal;
import io.baton.service.RequestHead;
import io.baton.service.SessionKey;
import io.baton.worker.identity.AuthenticationLane;
import io.baton.worker.identity.Guard;
import io.baton.worker.identity.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection's handshake.
 *
 * <pre>
 *   HELLO ──► service known and allowed ──► session met, if one is wanted ──► authenticated
 *               └── REFUSED                   └── elsewhere: the connection goes there
 *   CHALLENGE, PROOF ──► a new session: the next protocol, which says WELCOME
 *                  └───► WELCOME, and the session goes on over this connection
 * </pre>
 *
 * <p>The connection can move until CHALLENGE is written. Event loop only.
 */
final class HandshakeFlow extends ChannelInboundHandlerAdapter implements Flow {
  static final String NAME = "link-handshake";
  static final int VERSION = 1;

  /** What a session of Link is counted by as opened, for {@code max-sessions-per-principal}. */
  private static final String METHOD = "LINK";

  /** When a client that was refused for want of room may come again. */
  private static final long RETRY_AFTER_MS = 1_000;

  private final LinkServices services;
  private final Map<String, Protocol<?, ?>> sessions;
  private final CodecContext context;
  private final Window window;
  private final ServerHandshake handshake;

  /** All that the client has sent; null once the connection cannot move any more. */
  private @Nullable ByteBuf read = Unpooled.buffer();

  private @Nullable ChannelHandlerContext ctx;
  private AuthenticationLane.@Nullable Call asked;

  /** That the client wants to open. */
  private LinkServices.@Nullable Named service;

  /** Of the session that it wants to go on with, as it was when the handshake began. */
  private @Nullable LinkCore known;

  private boolean over;

  /**
   * @param sessions the protocols of sessions, by the names of their services
   */
  HandshakeFlow(
      LinkServices services,
      Map<String, Protocol<?, ?>> sessions,
      CodecContext context,
      SecureRandom random) {
    this.services = services;
    this.sessions = sessions;
    this.context = context;
    this.window = context.window();
    this.handshake = new ServerHandshake(services.limits(), random, services.refusals()::count);
  }

  private ChannelHandlerContext context() {
    return requireNonNull(ctx, "not in a pipeline");
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    forget();
    forgetRead();
  }

  private void forget() {
    AuthenticationLane.Call call = asked;
    asked = null;
    if (call != null) {
      call.cancel();
    }
  }

  private void forgetRead() {
    if (read != null) {
      read.release();
      read = null;
    }
  }

  // ---- what the client says ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    try {
      if (!over) {
        take(bytes);
      }
    } finally {
      bytes.release();
    }
  }

  private void take(ByteBuf bytes) {
    ByteBuffer from = bytes.nioBuffer();
    ServerHandshake.State before = handshake.state();
    ServerHandshake.State now = handshake.read(from);
    if (from.hasRemaining() && now != ServerHandshake.State.ENDED) {
      refuse(LinkCode.PROTOCOL, "a client waits for the answer to each step of the handshake");
      return;
    }
    if (read != null) {
      read.writeBytes(bytes);
      window.holds(read.capacity());
    }
    if (now == before) {
      return;
    }
    switch (now) {
      case ASKED -> asked();
      case PROVEN -> proven();
      case ENDED -> end(CloseReason.PROTOCOL);
      case READING, CHALLENGED, WELCOMED -> {
        // The client has to say more, or has its welcome.
      }
    }
  }

  private void asked() {
    switch (handshake.request()) {
      case Request.Services _ -> {
        handshake.services(services.permitted(context.peer()));
        end(CloseReason.SERVICE);
      }
      case Request.Hello hello -> greet(hello);
    }
  }

  private void greet(Request.Hello hello) {
    LinkServices.Named its = services.find(hello.service());
    if (its == null) {
      refuse(LinkCode.UNKNOWN_SERVICE, "there is no service " + hello.service());
    } else if (!its.permits(context.peer())) {
      refuse(LinkCode.FORBIDDEN, "this address may not open " + hello.service());
    } else {
      service = its;
      if (finds(hello) && isAuthenticated(its, hello)) {
        letIn(its);
      }
    }
  }

  /** Whether the client may be challenged: it wants no session of before, or that is here. */
  private boolean finds(Request.Hello hello) {
    Request.Resume wanted = hello.resume();
    if (wanted == null) {
      return true;
    }
    switch (context.meet(key(wanted.id()), requireNonNull(read))) {
      case Meeting.Here(LinkFlow flow) when isOf(flow, hello) -> {
        LinkCore core = requireNonNull(flow.core());
        if (!isSuperseded(core)) {
          known = core;
          return true;
        }
        refuse(LinkCode.SUPERSEDED, "a later attempt has gone on with the session");
      }
      case Meeting.Here _, Meeting.Nowhere _ ->
          refuse(LinkCode.NO_SUCH_SESSION, "there is no such session, or not any more");
      case Meeting.Later _ -> refuse(LinkCode.RETRY_LATER, "the session cannot be looked for now");
      case Meeting.Elsewhere _ -> {
        // The connection is not ours any more.
      }
    }
    return false;
  }

  private static boolean isOf(LinkFlow flow, Request.Hello hello) {
    LinkCore core = flow.core();
    return core != null && core.identity().service().equals(hello.service());
  }

  private static SessionKey key(byte[] id) {
    ByteBuffer bytes = ByteBuffer.wrap(id);
    return new SessionKey(bytes.getLong(), bytes.getLong());
  }

  // ---- who the client is ----

  /** Whether nobody has to be asked who the client is, or who has been asked agrees. */
  private boolean isAuthenticated(LinkServices.Named its, Request.Hello hello) {
    if (its.guard().isEmpty()) {
      return true;
    }
    Guard guard = its.guard().get();
    AuthenticationRequest request =
        new AuthenticationRequest.Credential(
            context.identity().connection(), its.name(), ByteBuffer.wrap(hello.credential()));
    window.shut();
    asked = guard.ask(request, context().executor(), verdict -> decided(hello, verdict));
    return false;
  }

  private void decided(Request.Hello hello, Verdict verdict) {
    asked = null;
    ChannelPipeline pipeline = context().pipeline(); // the context may be gone then
    LinkServices.Named its = requireNonNull(service);
    window.reopen();
    switch (verdict) {
      case Verdict.Decided(Authentication.Accepted(Principal principal)) -> {
        context.identity().principal(Optional.of(principal));
        // It may have moved meanwhile.
        if (finds(hello)) {
          letIn(its);
        }
      }
      case Verdict.Decided(Authentication.Unauthenticated _) ->
          refuse(LinkCode.FORBIDDEN, "the credential is not accepted");
      case Verdict.Decided(Authentication.Forbidden _) ->
          refuse(LinkCode.FORBIDDEN, "this client may not open " + its.name());
      case Verdict.Decided(Authentication.Unavailable(var after)) ->
          refuse(LinkCode.RETRY_LATER, after.toMillis(), "it cannot be decided now");
      case Verdict.TimedOut _, Verdict.Overloaded _ ->
          refuse(LinkCode.RETRY_LATER, "it cannot be decided now");
      case Verdict.Failed(var cause) -> pipeline.fireExceptionCaught(cause);
    }
    pipeline.fireChannelReadComplete();
  }

  private void letIn(LinkServices.Named its) {
    if (known != null) {
      if (context.identity().isOfMetSession()) {
        challenge(its);
      } else {
        refuse(LinkCode.FORBIDDEN, "the session is another principal's");
      }
    } else if (context.identity().principal().isEmpty()
        || context.identity().opens(new RequestHead(METHOD, its.name(), List.of()))) {
      challenge(its);
    } else {
      services.counters().limited();
      refuse(LinkCode.TOO_MANY, "this principal has as many sessions as it may have");
    }
  }

  // ---- what it is told ----

  private void challenge(LinkServices.Named its) {
    handshake.challenge(its.tokens(), known);
    forgetRead(); // from here on the connection stays
    window.holds(0);
    Handshakes.write(handshake, context());
  }

  private void proven() {
    if (known == null) {
      open(requireNonNull(service));
    } else {
      goOn(known);
    }
  }

  private void open(LinkServices.Named its) {
    over = true;
    Protocol<?, ?> next = requireNonNull(sessions.get(its.name()));
    context()
        .pipeline()
        .fireUserEventTriggered(new ProtocolSwitchEvent(next, Unpooled.EMPTY_BUFFER));
  }

  /** Returns the handshake, for the session that goes on behind it. */
  ServerHandshake handshake() {
    return handshake;
  }

  private void goOn(LinkCore with) {
    Optional<Flow> met = context.met();
    if (met.isEmpty() || !(met.get() instanceof LinkFlow flow) || !with.equals(flow.core())) {
      refuse(LinkCode.RETRY_LATER, "the session has moved meanwhile");
      return;
    }
    if (isSuperseded(with)) {
      refuse(LinkCode.SUPERSEDED, "a later attempt has gone on with the session");
      return;
    }
    flow.leave();
    handshake.welcome(flow.awaitsReturn().toMillis());
    Handshakes.write(handshake, context());
    over = true;
    if (handshake.state() == ServerHandshake.State.WELCOMED) {
      context.replace(flow.giveUp(), OptionalLong.empty());
    } else { // both sides' records contradict each other: nobody can go on with it
      flow.diverged(handshake.refusal());
      window.end(CloseReason.PROTOCOL);
    }
  }

  /** Whether a later attempt than this one has gone on with the session. */
  private boolean isSuperseded(LinkCore its) {
    return handshake.request() instanceof Request.Hello hello
        && hello.resume() != null
        && hello.resume().attempt() <= its.attempt();
  }

  private void refuse(LinkCode code, String text) {
    refuse(code, code == LinkCode.RETRY_LATER ? RETRY_AFTER_MS : 0, text);
  }

  private void refuse(LinkCode code, long retryAfterMs, String text) {
    LinkServices.Named its = service;
    handshake.refuse(code, retryAfterMs, text, its == null ? List.of() : its.tokens());
    end(code == LinkCode.PROTOCOL ? CloseReason.PROTOCOL : CloseReason.SERVICE);
  }

  private void end(CloseReason why) {
    over = true;
    Handshakes.write(handshake, context());
    window.end(why);
  }

  // ---- for the runtime ----

  @Override
  public Phase phase() {
    if (asked != null) {
      return Phase.ANSWER;
    }
    return read != null && !read.isReadable() ? Phase.IDLE : Phase.HEAD;
  }

  @Override
  public void resume() {
    // Nothing is handed out.
  }

  @Override
  public Optional<Saved> save() {
    ByteBuf all = read;
    return all == null || asked != null || over
        ? Optional.empty()
        : Optional.of(
            Saved.unread(
                NAME,
                VERSION,
                ByteBuffer.allocate(all.readableBytes()).put(all.nioBuffer()).flip()));
  }

  @Override
  public String current() {
    LinkServices.Named its = service;
    return its == null ? "" : "the handshake for " + its.name();
  }

  @Override
  public void discard() {
    over = true;
    forget();
  }

  @Override
  public void drain() {
    if (window.quiet()) {
      window.end(CloseReason.SHUTDOWN);
    }
  }

  @Override
  public void goodbye(CloseReason why) {
    LinkCode code = Refusals.refusal(why);
    if (!over && code != null && handshake.state() != ServerHandshake.State.ENDED) {
      Handshakes.refuse(handshake, code, context());
    }
  }
}
