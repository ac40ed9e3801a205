package io.baton.worker.codec.http;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Protocol;
import io.baton.codec.ProtocolSwitchEvent;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.codec.http.PlainResponse;
import io.baton.service.CloseReason;
import io.baton.service.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Answers the requests that ask for another protocol, and gives the connection over to it. */
final class Upgrader {
  /** Longer requests do not look for a session in other workers. */
  private static final int MAX_READ = 4 * 1024;

  private final Map<String, Upgrade> upgrades;
  private final Exchange exchange;
  private final CodecContext context;
  private final Window window;
  private final @Nullable RequestGate gate;

  /**
   * @param upgrades by their routes' patterns as they are configured
   * @param gate before which handshakes are decided on; null: nobody decides
   */
  Upgrader(
      Map<String, Upgrade> upgrades,
      Exchange exchange,
      CodecContext context,
      @Nullable RequestGate gate) {
    this.upgrades = upgrades;
    this.exchange = exchange;
    this.context = context;
    this.window = context.window();
    this.gate = gate;
  }

  /** Whether the present request is for an upgrade's path. */
  boolean isAsked() {
    return upgrade() != null;
  }

  private @Nullable Upgrade upgrade() {
    String route = exchange.route();
    return route == null ? null : upgrades.get(route);
  }

  /**
   * Whether the request is for an upgrade's path; then it is answered and released here.
   *
   * @param decided an authenticator has decided on it already
   */
  boolean takes(ChannelHandlerContext ctx, FullHttpRequest request, boolean decided) {
    Upgrade upgrade = upgrade();
    if (upgrade == null) {
      return false;
    }
    new Asked(ctx, upgrade, request, decided || gate == null).begin();
    return true;
  }

  /** A request for an upgrade's path, which is released when it is answered. */
  private final class Asked implements RequestGate.Waiting {
    private final ChannelHandlerContext ctx;
    private final Upgrade upgrade;
    private final FullHttpRequest request;

    /** No authenticator has to be asked, any more. */
    private boolean decided;

    /** What is said if the authenticator agrees; null before it is asked. */
    private Upgrade.@Nullable Answer planned;

    /** The request as it came, while the authenticator decides whether its client may go on. */
    private byte @Nullable [] bytes;

    Asked(ChannelHandlerContext ctx, Upgrade upgrade, FullHttpRequest request, boolean decided) {
      this.ctx = ctx;
      this.upgrade = upgrade;
      this.request = request;
      this.decided = decided;
    }

    void begin() {
      Upgrade.Answer answer;
      try {
        answer = upgrade.ask(request);
      } catch (RuntimeException e) {
        request.release();
        throw e;
      }
      say(answer);
    }

    private void say(Upgrade.Answer answer) {
      switch (answer) {
        case Upgrade.Answer.Refuse(FullHttpResponse response) -> refuse(response);
        case Upgrade.Answer.Switch(FullHttpResponse response, var _) when exchange.draining() -> {
          // A session that begins now would only be ended: another worker, or a later one, has
          // time.
          response.release();
          exchange.closeAfter(CloseReason.SHUTDOWN);
          refuse(PlainResponse.of(HttpResponseStatus.SERVICE_UNAVAILABLE));
        }
        case Upgrade.Answer.Switch(FullHttpResponse response, Protocol<?, ?> next) -> {
          if (mayGoOn(answer)) {
            open(response, next);
          }
        }
        case Upgrade.Answer.Return wanted -> meet(wanted);
        case Upgrade.Answer.Resume(
                FullHttpResponse response,
                ByteBuf first,
                Saved codec,
                OptionalLong last) -> {
          request.release();
          resume(ctx, response, first, codec, last);
        }
      }
    }

    /** Whether an authenticator has agreed; if it has to be asked, it is. */
    private boolean mayGoOn(Upgrade.Answer answer) {
      RequestGate deciding = gate;
      if (decided || deciding == null) {
        return true;
      }
      planned = answer;
      decided = deciding.admits(ctx, request, this);
      return decided;
    }

    /** Not in a read, so what a read does behind its messages is to be done here. */
    @Override
    public void accepted() {
      ChannelPipeline pipeline = ctx.pipeline(); // the context may be gone then
      Upgrade.Answer answer = planned;
      decided = true;
      try {
        if (answer != null) {
          say(answer);
        }
      } catch (RuntimeException e) {
        pipeline.fireExceptionCaught(e);
      }
      pipeline.fireChannelReadComplete();
    }

    @Override
    public void refused(FullHttpResponse reply) {
      forgetPlan();
      decided = true; // what is said now, whoever asks
      say(upgrade.refusal(request, reply));
    }

    @Override
    public void forgotten() {
      forgetPlan();
      request.release();
    }

    private void forgetPlan() {
      if (planned instanceof Upgrade.Answer.Switch(FullHttpResponse response, var _)) {
        response.release();
      }
      planned = null;
    }

    private void open(FullHttpResponse response, Protocol<?, ?> next) {
      if (next.codec().seeks()) { // it says later whether it opens a session
        request.release();
        become(ctx, response, next);
        return;
      }
      RequestHead kept = RequestHeads.kept(request, upgrade.kept());
      if (kept == null) {
        response.release();
        refuse(PlainResponse.of(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE));
      } else if (!context.identity().opens(kept)) {
        response.release();
        if (gate != null) {
          gate.limited();
        }
        refuse(PlainResponse.of(HttpResponseStatus.TOO_MANY_REQUESTS));
      } else {
        request.release();
        become(ctx, response, next);
      }
    }

    private void refuse(FullHttpResponse response) {
      request.release();
      window.shut();
      var _ = ctx.writeAndFlush(response, ctx.voidPromise());
    }

    private void meet(Upgrade.Answer.Return wanted) {
      RequestDecoder decoder = ctx.pipeline().get(RequestDecoder.class);
      Upgrade.ReturningClient client = wanted.client();
      @Nullable ByteBuf read = read(decoder);
      if (read == null) {
        say(client.later()); // only what a connection begins with can be given away
        return;
      }
      if (read.readableBytes() > MAX_READ) {
        say(client.nowhere());
        return;
      }
      switch (context.meet(wanted.wanted(), read, client.proof())) {
        case Meeting.Here(Flow session) -> {
          if (!decided) {
            int behind = decoder.unread().remaining();
            bytes = ByteBufUtil.getBytes(read, read.readerIndex(), read.readableBytes() - behind);
          }
          if (mayGoOn(wanted)) {
            say(
                context.identity().isOfMetSession()
                    ? client.here(session, decoder.unread())
                    : client.forbidden());
          }
        }
        case Meeting.Elsewhere _ -> {
          request.release();
          decoder.takeUnread().release(); // it has gone along
        }
        case Meeting.Nowhere _ -> say(client.nowhere());
        case Meeting.Later _ -> say(client.later());
      }
    }

    /** All that the client has sent; null if that is not known any more. */
    private @Nullable ByteBuf read(RequestDecoder decoder) {
      byte[] before = bytes;
      return before == null
          ? decoder.first()
          : Unpooled.wrappedBuffer(
              Unpooled.wrappedBuffer(before), Unpooled.wrappedBuffer(decoder.unread()));
    }
  }

  /** The 101 is out before the handlers that write it are gone, and these before what is next. */
  private void become(ChannelHandlerContext ctx, FullHttpResponse response, Protocol<?, ?> next) {
    exchange.switching();
    var _ = ctx.writeAndFlush(response, ctx.voidPromise());
    ChannelPipeline pipeline = ctx.pipeline();
    ByteBuf unread = pipeline.get(RequestDecoder.class).takeUnread();
    pipeline.remove(RequestDecoder.class);
    pipeline.remove(ResponseEncoder.class);
    pipeline.fireUserEventTriggered(new ProtocolSwitchEvent(next, unread));
  }

  private void resume(
      ChannelHandlerContext ctx,
      FullHttpResponse response,
      ByteBuf first,
      Saved codec,
      OptionalLong last) {
    exchange.switching();
    var _ = ctx.write(response, ctx.voidPromise());
    ChannelHandlerContext below = ctx.pipeline().context(ResponseEncoder.class);
    var _ = below.writeAndFlush(first, below.voidPromise());
    ctx.pipeline().get(RequestDecoder.class).takeUnread().release(); // the codec is given it
    context.replace(codec, last);
  }
}
