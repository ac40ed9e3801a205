package io.baton.bench;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket session with an echo. It sends numbered probes, and every answer must be the one
 * that is next: none lost, doubled, altered or out of order. The first thing that goes wrong ends
 * it. Event loop only.
 *
 * <pre>
 *   OPENING ──handshake──► OPEN ──close()──► GONE
 *      └────────────── fault ┴──────────────► GONE
 * </pre>
 */
final class Client extends SimpleChannelInboundHandler<WebSocketFrame> {
  /** More than this unanswered, and the session counts as dead. */
  private static final int MAX_UNANSWERED = 4096;

  /** Who is told of its life; on the event loop. */
  interface Listener {
    void opened();

    /** It is over, for this reason, and not because we closed it. */
    void lost(String why);

    /** The stretch of the run that is now. */
    Window window();
  }

  private enum State {
    OPENING,
    OPEN,
    GONE
  }

  private record Probe(long dueNanos, Window window) {}

  private final int number;
  private final Listener listener;
  private final Deque<Probe> unanswered = new ArrayDeque<>(4);
  private State state = State.OPENING;
  private @Nullable Channel channel;
  private int sent;
  private int answered;

  Client(int number, Listener listener) {
    this.number = number;
    this.listener = listener;
  }

  /** Sends a probe that was due at this moment; one that is gone sends none. */
  void probe(long dueNanos) {
    if (state != State.OPEN || channel == null) {
      return;
    }
    if (unanswered.size() == MAX_UNANSWERED) {
      fault("left " + MAX_UNANSWERED + " probes unanswered");
      return;
    }
    Window window = listener.window();
    window.sent(Math.max(0, System.nanoTime() - dueNanos));
    unanswered.add(new Probe(dueNanos, window));
    var _ = channel.writeAndFlush(new TextWebSocketFrame(text(sent++)), channel.voidPromise());
  }

  private String text(int probe) {
    return number + " " + probe;
  }

  boolean owes() {
    return state == State.OPEN && !unanswered.isEmpty();
  }

  void close() {
    state = State.GONE;
    if (channel != null) {
      var _ = channel.close();
    }
  }

  /** It could not even connect. */
  void refused(Throwable cause) {
    fault("could not connect: " + cause);
  }

  /** Ends it because its answers do not come. */
  void giveUp() {
    fault("left %,d of %,d probes unanswered".formatted(unanswered.size(), sent));
  }

  private void fault(String why) {
    if (state != State.GONE) {
      close();
      listener.lost("session " + number + " " + why);
    }
  }

  // What comes from the server.

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = ctx.channel();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE && state == State.OPENING) {
      state = State.OPEN;
      listener.opened();
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
    switch (frame) {
      case TextWebSocketFrame text -> answered(text.text());
      case CloseWebSocketFrame close ->
          fault("was closed by the server: " + close.statusCode() + " " + close.reasonText());
      default -> fault("was sent what it did not ask for: " + frame);
    }
  }

  private void answered(String text) {
    Probe probe = unanswered.poll();
    if (probe == null) {
      fault("was answered without a question: " + text);
      return;
    }
    String expected = text(answered++);
    if (!text.equals(expected)) {
      fault("was answered \"" + text + "\", not \"" + expected + "\"");
      return;
    }
    long nanos = System.nanoTime() - probe.dueNanos;
    probe.window.answered(number, nanos);
    // A probe that was under way when one stretch became the next belongs to both.
    Window now = listener.window();
    if (now != probe.window) {
      now.answered(number, nanos);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fault("was ended by the server without a word");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fault("failed: " + cause);
  }
}
