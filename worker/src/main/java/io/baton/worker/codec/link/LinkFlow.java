package io.baton.worker.codec.link;

import static java.util.Objects.requireNonNull;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.UnderWay;
import io.baton.codec.Window;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.ServerHandshake;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.SessionDriver;
import io.baton.service.CloseReason;
import io.baton.service.SessionKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One Link session on one connection, or on none: between the pipeline and the session's driver,
 * which has the core.
 *
 * <pre>
 *   bytes ──► driver ──window accepts──► messages ──► service     (else they wait in the core)
 *   bytes ◄── driver ◄──────── messages ◄──────────── service     (what has no credit waits there)
 *               └── processed ──► granted at once, or after 200 ms
 * </pre>
 *
 * <p>The client is always read: how much it can send is bounded by what it was granted. Event loop
 * only.
 */
final class LinkFlow extends ChannelDuplexHandler implements Flow, SessionDriver.Owner {
  private final CodecContext context;
  private final Window window;
  private final long comeBackMs;
  private final SessionLoop loop;

  /** Before the welcome. */
  private @Nullable ServerHandshake handshake;

  /** From the welcome on; null once the session has another connection, or none. */
  private @Nullable SessionDriver driver;

  private @Nullable ChannelHandlerContext ctx;
  private @Nullable LinkTimers timers;
  private @Nullable ByteBuffer lastWords;

  /** The client was told that the server stops. */
  private boolean draining;

  /** Nothing is decoded any more. */
  private boolean discarded;

  private LinkFlow(CodecContext context, long comeBackMs, SessionLoop loop) {
    this.context = context;
    this.window = context.window();
    this.comeBackMs = comeBackMs;
    this.loop = loop;
  }

  /** Makes that of a new session, whose client is still to be welcomed. */
  static LinkFlow begin(CodecContext context, long comeBackMs, ServerHandshake proven) {
    LinkFlow flow = new LinkFlow(context, comeBackMs, new SessionLoop());
    flow.handshake = proven;
    return flow;
  }

  /** Makes that of a session which goes on, from this worker or another. */
  static LinkFlow restore(CodecContext context, long comeBackMs, Saved saved) {
    LinkFlow flow;
    if (saved.live() instanceof Live(SessionDriver driver, SessionLoop loop)) {
      flow = new LinkFlow(context, comeBackMs, loop);
      flow.driver = driver;
      driver.owner(flow);
    } else {
      saved.require(LinkCodec.NAME, LinkCodec.VERSION);
      byte[] state = new byte[saved.state().remaining()];
      saved.state().duplicate().get(state);
      flow = new LinkFlow(context, comeBackMs, new SessionLoop());
      flow.driver = SessionDriver.restore(state, flow, System::nanoTime);
    }
    if (context.isAway()) {
      flow.driver.lost();
    }
    return flow;
  }

  /** What a session goes on with that stays in its worker. */
  private record Live(SessionDriver driver, SessionLoop loop) {}

  private ChannelHandlerContext context() {
    return requireNonNull(ctx, "not in a pipeline");
  }

  private SessionDriver driver() {
    return requireNonNull(driver, "the session is not here");
  }

  // ---- the client's bytes ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    stopTimers();
    this.ctx = null;
  }

  private void stopTimers() {
    if (timers != null) {
      timers.stop();
      timers = null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    try {
      SessionDriver its = driver;
      boolean isHere = !discarded && this.ctx != null; // else the session has left this connection
      if (isHere && its == null) {
        throw new DecoderException("the client did not wait for its welcome");
      }
      if (isHere && its != null) {
        its.read(bytes.nioBuffers());
        report(its); // which may stop the reading
      }
    } finally {
      bytes.release();
    }
  }

  /** Tells what is held for the client, unless the session has ended meanwhile, or left. */
  private void report(SessionDriver its) {
    if (its.equals(driver)) {
      window.holds((int) Math.min(its.core().buffered(), Integer.MAX_VALUE));
      reportKept(its);
    }
  }

  private void reportKept(SessionDriver its) {
    window.keepsBack((int) Math.min(its.core().unsent(), Integer.MAX_VALUE));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    sendAll();
    endIfDrained();
  }

  @Override
  public void resume() {
    SessionDriver its = driver;
    if (its != null && !discarded) {
      its.resume();
      sendAll(); // a flush meanwhile has written nothing
    }
  }

  @Override
  public void processed() {
    SessionDriver its = driver;
    if (its != null) {
      its.processed();
      look(its);
    }
  }

  private void look(SessionDriver its) {
    if (timers == null && ctx != null && loop.isCurrent() && LinkTimers.areNeeded(its)) {
      timers = new LinkTimers(context().executor(), its, this::rang);
    }
    if (timers != null) {
      timers.look();
    }
  }

  private void rang() {
    sendAll();
    if (timers != null && !timers.areWaiting()) {
      timers = null;
    }
  }

  // ---- for the driver ----

  @Override
  public boolean accepts() {
    return !discarded && window.accepts();
  }

  @Override
  public void handOut(LinkInput input) {
    context().fireChannelRead(input);
  }

  @Override
  public void over(int code) {
    end(reason(code));
  }

  private CloseReason reason(int code) {
    if (driver().isClosing()) {
      return CloseReason.SERVICE;
    }
    return switch (LinkCode.of(code)) {
      case PROTOCOL, TOO_LONG, TOO_MANY, DIVERGED -> CloseReason.PROTOCOL;
      default -> CloseReason.CLIENT;
    };
  }

  @Override
  public void changed() {
    SessionDriver its = driver;
    if (its != null && !its.isReading()) {
      sendAll();
      look(its);
      endIfDrained();
    }
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public boolean isCurrent() {
    return loop.isCurrent();
  }

  /** The client, or the core, has ended the session. */
  void end(CloseReason why) {
    window.end(why);
  }

  // ---- the service's messages ----

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (!(msg instanceof LinkOutput output)) {
      throw new IllegalArgumentException("not a message of Link: " + msg.getClass());
    }
    SessionDriver its = driver();
    its.write(output);
    if (its.isReading()) {
      reportKept(its); // nothing is encoded before all is read, and the service may send on
    }
    promise.trySuccess();
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    encode();
    ctx.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ctx.fireChannelWritabilityChanged();
    sendAll();
    endIfDrained();
  }

  private void sendAll() {
    ChannelHandlerContext to = ctx;
    if (to != null && encode()) {
      to.flush();
    }
  }

  /**
   * Encodes what the client may be sent, as far as the kernel takes it.
   *
   * @return whether there was anything
   */
  private boolean encode() {
    SessionDriver its = driver;
    ChannelHandlerContext to = ctx;
    if (its == null || to == null || (its.isReading() && !its.core().isOver())) {
      return false; // the rest is written behind the reading
    }
    boolean any = LinkWriter.encode(its.core(), to);
    report(its);
    return any;
  }

  // ---- for the runtime ----

  @Override
  public void welcome() {
    ServerHandshake its = requireNonNull(handshake);
    SessionKey key = context.claim();
    its.welcome(id(key), context.awaitsReturn().toMillis());
    Handshakes.write(its, context());
    loop.is(context().executor());
    driver = SessionDriver.begin(its.core(), this, System::nanoTime);
    handshake = null;
  }

  /** Returns a session's id on the wire. */
  static byte[] id(SessionKey key) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(key.high()).putLong(key.low()).array();
  }

  @Override
  public void attached() {
    SessionDriver its = driver;
    if (its != null) {
      loop.is(context().executor());
      resume();
      sendAll(); // also if nothing is read any more
      look(its); // what was processed before it moved
    }
  }

  @Override
  public Phase phase() {
    SessionDriver its = driver;
    if (its == null || its.core().holdsBack() || its.core().openAsks() > 0) {
      return Phase.ANSWER;
    }
    return its.core().isClosing() ? Phase.HEAD : Phase.IDLE; // its answer to our goodbye is due
  }

  @Override
  public int maxMessage() {
    return driver == null ? requireNonNull(handshake).maxPayload() : driver.core().maxPayload();
  }

  @Override
  public boolean takeActivity() {
    SessionDriver its = driver;
    return its == null || its.core().takeActivity();
  }

  /** A client that lost its connection would come back, say nothing again, and never be idle. */
  @Override
  public boolean endsIdle() {
    return true;
  }

  @Override
  public UnderWay underWay() {
    LinkCore its = core();
    return its == null
        ? UnderWay.NONE
        : UnderWay.of(its.openChannels(), its.openAsks() + its.ownAsks());
  }

  @Override
  public Map<String, String> details() {
    SessionDriver its = driver;
    return its == null ? Map.of() : its.details();
  }

  /** Empty while the client waits for an answer, or a stream is bound to an object in this JVM. */
  @Override
  public Optional<Saved> save() {
    SessionDriver its = driver;
    if (its == null || !its.canMove()) {
      return Optional.empty();
    }
    ByteBuffer state = ByteBuffer.wrap(its.save());
    return Optional.of(new Saved(LinkCodec.NAME, LinkCodec.VERSION, state, ByteBuffer.allocate(0)));
  }

  @Override
  public Optional<Saved> handOver() {
    SessionDriver its = driver;
    return its == null || its.core().isOver() ? Optional.empty() : Optional.of(live(its));
  }

  private Saved live(SessionDriver its) {
    return Saved.live(LinkCodec.NAME, LinkCodec.VERSION, new Live(its, loop));
  }

  /** Returns how long the session would wait for its client. */
  Duration awaitsReturn() {
    return context.awaitsReturn();
  }

  /** Returns the core; null before the welcome. */
  @Nullable LinkCore core() {
    return driver == null ? null : driver.core();
  }

  /** Takes the core off this connection, whose last words are kept. */
  void leave() {
    lastWords = driver().core().superseded();
  }

  /** The client that is back has another record of the session: nobody can go on with it. */
  void diverged(String text) {
    driver().diverged(text);
  }

  /** Gives the session to another connection: nothing more is read or written here. */
  Saved giveUp() {
    Saved session = live(driver());
    driver = null;
    return session;
  }

  @Override
  public boolean asksForSignOfLife() {
    SessionDriver its = driver;
    if (its != null) {
      its.core().ping(System.nanoTime());
      sendAll();
    }
    return true;
  }

  @Override
  public void superseded() {
    ByteBuffer words = lastWords;
    if (words != null && words.hasRemaining()) {
      var _ = context().writeAndFlush(Unpooled.copiedBuffer(words), context().voidPromise());
    }
  }

  @Override
  public void discard() {
    discarded = true;
  }

  @Override
  public void drain() {
    SessionDriver its = driver;
    if (its != null && !draining) {
      its.core().goAway(LinkCode.SHUTDOWN, comeBackMs + random(comeBackMs));
      var _ = encode();
    }
    draining = true;
    endIfDrained(); // whose last word goes out with it, in one piece
    if (ctx != null) {
      ctx.flush();
    }
  }

  /** Clients that were told at the same time do not come back at the same time. */
  private static long random(long ms) {
    return ms == 0 ? 0 : ThreadLocalRandom.current().nextLong(ms);
  }

  /** What is under way may end before the session does, until {@code drain-timeout}. */
  private void endIfDrained() {
    if (draining && (driver == null || isDrained(driver)) && window.quiet()) {
      end(CloseReason.SHUTDOWN);
    }
  }

  private static boolean isDrained(SessionDriver its) {
    boolean isAllThere = !its.core().holdsBack() && its.core().isAllSent();
    return !its.isReading() && its.isQuiet() && isAllThere;
  }

  @Override
  public void goodbye(CloseReason why) {
    ServerHandshake waiting = handshake;
    SessionDriver its = driver;
    LinkCode code = waiting != null ? Refusals.refusal(why) : Refusals.code(why);
    if (waiting != null && code != null) {
      Handshakes.refuse(waiting, code, context());
    } else if (its != null) {
      if (code != null && !its.core().isOver()) {
        its.core().abort(code.number(), "");
      }
      sayLast(its.core());
    }
  }

  /** The last words go out behind what waits for the kernel already. */
  private void sayLast(LinkCore its) {
    ChannelHandlerContext to = ctx;
    if (!its.isOver()) {
      sendAll();
    } else if (to != null) {
      LinkWriter.encodeLast(its, to);
      to.flush();
    }
  }

  @Override
  public void ended(CloseReason why) {
    SessionDriver its = driver;
    driver = null;
    stopTimers();
    if (its != null) {
      its.end(why);
    }
  }
}
