package io.baton.worker.codec.http;

import io.baton.codec.Window;
import io.baton.codec.http.PlainResponse;
import io.baton.service.CloseReason;
import io.baton.worker.spool.SpooledBody;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes of the decoder's pieces what the service receives: a whole request, its body in memory or,
 * if it is long, in a file; or, where its path says so, the pieces. Says 100 Continue where it is
 * waited for, and answers itself what no service should see: what is malformed or too large. Such
 * an answer is the connection's last.
 */
final class RequestAssembler {
  /** Changes nothing. */
  static final Consumer<HttpHeaders> AS_IT_IS = _ -> {};

  private final Exchange exchange;
  private final Window window;
  private final @Nullable Upgrader upgrader;
  private final Bodies bodies;
  private final Consumer<HttpHeaders> amend;
  private final @Nullable RequestGate gate;

  /** While an authenticator has to decide on the request: what came with its head. */
  private @Nullable HttpContent early;

  /** The request has been before an authenticator, if its path has one. */
  private boolean decided;

  /** The one that is arriving, or whose body is on its way through the spool. */
  private @Nullable HttpRequest request;

  private Bodies.Rule rule;
  private boolean continueOwed;
  private long length;
  private @Nullable ByteBuf body;
  private @Nullable Spooling spooling;

  /**
   * @param upgrader null: no path has an upgrade
   * @param amend changes the headers of each request before anybody else sees them
   * @param gate before which requests are decided on; null: nobody decides
   */
  RequestAssembler(
      Exchange exchange,
      Window window,
      @Nullable Upgrader upgrader,
      Bodies bodies,
      Consumer<HttpHeaders> amend,
      @Nullable RequestGate gate) {
    this.gate = gate;
    this.exchange = exchange;
    this.window = window;
    this.upgrader = upgrader;
    this.bodies = bodies;
    this.amend = amend;
    this.rule = bodies.usual();
  }

  /** The next piece; it is the assembler's from here on. */
  void take(ChannelHandlerContext ctx, Object piece) {
    switch (piece) {
      case HttpRequest head -> begin(ctx, head);
      case HttpContent content -> {
        if (gate != null && gate.isAsking()) {
          early = content;
        } else {
          add(ctx, content);
        }
      }
      default -> throw new IllegalStateException("not of a request: " + piece.getClass());
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest head) {
    exchange.begin(head);
    rule = bodies.rule(exchange.route());
    length = 0;
    HttpResponseStatus wrong = RequestCheck.complaint(head, rule.maxContent());
    if (wrong != null) {
      ReferenceCountUtil.release(head); // an invalid one may come with a body
      refuse(ctx, wrong);
      return;
    }
    amend.accept(head.headers());
    decided = false;
    if (gate == null || waitsForUpgrader(head)) {
      admit(ctx, head);
      return;
    }
    decided = true;
    if (gate.admits(ctx, head, new Undecided(ctx, head))) {
      admit(ctx, head);
    }
  }

  /** A handshake without a body: the upgrader may have something to do before it is decided on. */
  private boolean waitsForUpgrader(HttpRequest head) {
    return upgrader != null && !isChunked(head) && contentLength(head) == 0 && upgrader.isAsked();
  }

  /** A request on which an authenticator has to decide before its body is read. */
  private final class Undecided implements RequestGate.Waiting {
    private final ChannelHandlerContext ctx;
    private final HttpRequest head;

    Undecided(ChannelHandlerContext ctx, HttpRequest head) {
      this.ctx = ctx;
      this.head = head;
    }

    /** Not in a read, so what a read does behind its messages is to be done here. */
    @Override
    public void accepted() {
      HttpContent last = takeEarly();
      try {
        admit(ctx, head);
        if (last != null) {
          add(ctx, last);
        }
      } catch (RuntimeException e) {
        ctx.pipeline().fireExceptionCaught(e);
      }
      ctx.fireChannelReadComplete();
      boolean bodyComes = request != null;
      boolean answered = exchange.phase() == Exchange.Phase.IDLE && exchange.closing() == null;
      if (bodyComes || answered) {
        window.reopen();
      }
    }

    /** Of a body that nobody reads, the client is told by the connection's end. */
    @Override
    public void refused(FullHttpResponse reply) {
      HttpContent last = takeEarly();
      if (last == null) {
        last(ctx, reply, CloseReason.SERVICE);
      } else {
        last.release();
        exchange.asked();
        var _ = ctx.writeAndFlush(reply, ctx.voidPromise());
      }
    }

    @Override
    public void forgotten() {
      ReferenceCountUtil.release(takeEarly());
    }
  }

  private @Nullable HttpContent takeEarly() {
    HttpContent came = early;
    early = null;
    return came;
  }

  private void admit(ChannelHandlerContext ctx, HttpRequest head) {
    boolean chunked = isChunked(head);
    long most = chunked ? rule.maxContent() : contentLength(head);
    if (most > 0 && !window.admits(bodies.held(most, rule.stream()))) {
      last(ctx, Replies.tryAgain(), CloseReason.LIMIT);
      return;
    }
    request = head;
    if (!rule.stream()
        && !chunked
        && most > bodies.maxInMemory()
        && spool(ctx, head, most) == null) {
      return;
    }
    // No other expectation comes until here.
    continueOwed =
        !exchange.http10() && most > 0 && head.headers().contains(HttpHeaderNames.EXPECT);
    if (rule.stream()) {
      exchange.streamed();
      ctx.fireChannelRead(new RoutedHead(head, exchange.route()));
    }
    // The service that gets a stream has to have let go of its head first.
    if (continueOwed && (!rule.stream() || window.open())) {
      sayContinue(ctx);
    }
  }

  /** The window is open again. */
  void resume(ChannelHandlerContext ctx) {
    if (continueOwed) {
      sayContinue(ctx);
    }
  }

  private void sayContinue(ChannelHandlerContext ctx) {
    continueOwed = false;
    boolean unanswered =
        rule.stream()
            ? exchange.arriving() && exchange.phase() == Exchange.Phase.ASKED
            : request != null;
    if (unanswered) {
      Replies.sayContinue(ctx);
    }
  }

  /** Or it was refused. */
  private static boolean isChunked(HttpRequest head) {
    return head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  private static long contentLength(HttpRequest head) {
    return head.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
        ? HttpUtil.getContentLength(head, 0L)
        : 0;
  }

  /** How much longer the body that is arriving may become. */
  long room() {
    return rule.maxContent() - length;
  }

  /** How much memory the body takes that is arriving. */
  int held() {
    if (spooling != null) {
      return spooling.file.held();
    }
    return body == null ? 0 : body.capacity();
  }

  private void add(ChannelHandlerContext ctx, HttpContent content) {
    HttpRequest head = request;
    if (head == null) {
      content.release(); // of a request that was refused
      return;
    }
    if (content.decoderResult().isFailure()) {
      HttpResponseStatus wrong = RequestCheck.contentStatus(content.decoderResult().cause());
      content.release();
      refuse(ctx, wrong);
      return;
    }
    length += content.content().readableBytes();
    if (length > rule.maxContent()) {
      content.release();
      refuse(ctx, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
    } else if (rule.stream()) {
      pass(ctx, content);
    } else if (spooling != null || length > bodies.maxInMemory()) {
      addToSpool(ctx, head, content);
    } else if (content instanceof LastHttpContent last) {
      handOut(ctx, head, last);
    } else {
      append(ctx, content);
    }
  }

  // ---- in pieces ----

  private void pass(ChannelHandlerContext ctx, HttpContent piece) {
    continueOwed = false; // who sends does not wait for it
    if (piece instanceof LastHttpContent) {
      request = null;
      exchange.arrived();
      window.shut();
    }
    ctx.fireChannelRead(piece);
  }

  // ---- in memory ----

  /**
   * Copies: the piece is a part of what was read, and a body of small pieces would keep a whole
   * read's memory for each.
   */
  private void append(ChannelHandlerContext ctx, HttpContent piece) {
    ByteBuf all = body;
    if (all == null) {
      all = ctx.alloc().buffer(piece.content().readableBytes());
      body = all;
    }
    all.writeBytes(piece.content());
    piece.release();
  }

  private void handOut(ChannelHandlerContext ctx, HttpRequest head, LastHttpContent last) {
    ByteBuf whole;
    if (body == null) {
      whole = last.content();
    } else {
      append(ctx, last);
      whole = body;
    }
    handOut(ctx, head, whole, last.trailingHeaders());
  }

  private void handOut(
      ChannelHandlerContext ctx, HttpRequest head, ByteBuf whole, HttpHeaders trailers) {
    request = null;
    body = null;
    if (isChunked(head)) {
      head.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
      head.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, whole.readableBytes());
    }
    FullHttpRequest full =
        exchange.isRouted()
            ? new RoutedRequest(head, whole, trailers, exchange.route(), rule.parameters())
            : new DefaultFullHttpRequest(
                head.protocolVersion(), head.method(), head.uri(), whole, head.headers(), trailers);
    exchange.asked();
    if (upgrader == null || !upgrader.takes(ctx, full, decided)) {
      window.shut();
      ctx.fireChannelRead(full);
    }
  }

  // ---- in a file ----

  private void addToSpool(ChannelHandlerContext ctx, HttpRequest head, HttpContent piece) {
    try {
      Spooling to = spooling == null ? spool(ctx, head, length) : spooling;
      if (to != null) {
        to.add(piece);
      }
    } finally {
      piece.release();
    }
  }

  /** Begins to; null if there was no room, and the request is refused. */
  private @Nullable Spooling spool(ChannelHandlerContext ctx, HttpRequest head, long bytes) {
    long room = bodies.spool().reserve(bytes);
    if (room == 0) {
      refuseForRoom(ctx, null);
      return null;
    }
    Spooling begun = new Spooling(ctx, head, room);
    spooling = begun;
    if (body != null) {
      begun.file.addFirst(body);
      body = null;
    }
    return begun;
  }

  private void refuseForRoom(ChannelHandlerContext ctx, @Nullable Throwable why) {
    bodies.spool().refused(why);
    last(ctx, Replies.tryAgain(), CloseReason.LIMIT);
  }

  /** A request whose body is on its way through the spool. */
  private final class Spooling implements SpooledBody.Owner {
    private final ChannelHandlerContext ctx;
    private final HttpRequest head;
    private final SpooledBody file;
    private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;

    Spooling(ChannelHandlerContext ctx, HttpRequest head, long room) {
      this.ctx = ctx;
      this.head = head;
      this.file = new SpooledBody(bodies.spool(), room, ctx.executor(), ctx.alloc(), this);
    }

    void add(HttpContent piece) {
      if (!file.add(piece.content())) {
        refuseForRoom(ctx, null);
        return;
      }
      if (piece instanceof LastHttpContent last) {
        trailers = last.trailingHeaders();
        window.shut();
        file.end();
      } else if (file.isFull()) {
        window.shut();
      }
    }

    @Override
    public void written() {
      ctx.pipeline().get(RequestDecoder.class).heldChanged();
    }

    @Override
    public void room() {
      window.reopen();
    }

    /** Not in a read, so what a read does behind its messages is to be done here. */
    @Override
    public void whole(ByteBuf content) {
      spooling = null;
      try {
        handOut(ctx, head, content, trailers);
      } catch (RuntimeException e) {
        ctx.pipeline().fireExceptionCaught(e);
      }
      ctx.fireChannelReadComplete();
      if (exchange.phase() == Exchange.Phase.IDLE && exchange.closing() == null) {
        window.reopen(); // it is answered: what came behind it is next
      }
    }

    @Override
    public void failed(Throwable why) {
      refuseForRoom(ctx, why);
    }
  }

  // ---- its end ----

  private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status) {
    last(ctx, PlainResponse.of(status), CloseReason.PROTOCOL);
  }

  /**
   * Answers, whether or not anything was asked, and ends the session. Once an answer has begun, as
   * it may while a stream arrives, there is no place for another one.
   */
  void last(ChannelHandlerContext ctx, FullHttpResponse reply, CloseReason why) {
    forget();
    if (exchange.phase() == Exchange.Phase.ANSWERING) {
      reply.release();
      window.end(why);
      return;
    }
    exchange.unasked(why);
    window.shut();
    var _ = ctx.writeAndFlush(reply, ctx.voidPromise());
  }

  /** Lets go of what it has of a request. */
  void forget() {
    if (gate != null) {
      gate.forget();
    }
    request = null;
    continueOwed = false;
    ReferenceCountUtil.release(body);
    body = null;
    Spooling begun = spooling;
    if (begun != null) {
      spooling = null;
      begun.file.close();
    }
  }
}
