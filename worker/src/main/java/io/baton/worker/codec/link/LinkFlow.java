package io.baton.worker.codec.link;

import static java.util.Objects.requireNonNull;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.link.TypeSet;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.ServerHandshake;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.service.CloseReason;
import io.baton.service.SessionKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One Link session on one connection, or on none: between the pipeline and the core, which knows
 * the protocol.
 *
 * <pre>
 *   bytes ──► core ──window accepts──► messages ──► service     (else they wait in the core)
 *   bytes ◄── core ◄──────── messages ◄──────────── service     (what has no credit waits there)
 *              └── processed ──► granted at once, or after 200 ms
 * </pre>
 *
 * <p>The client is always read: how much it can send is bounded by what it was granted. Event loop
 * only.
 */
final class LinkFlow extends ChannelDuplexHandler implements Flow {
  /** Bytes that are encoded at a time. */
  private static final int CHUNK = 64 * 1024;

  /** What is processed is granted within this time (docs/PROTOCOLS.md). */
  private static final long GRANT_MS = 200;

  private final CodecContext context;
  private final Window window;
  private final Sizes unprocessed;
  private final CoreEvents events;

  /** Before the welcome. */
  private @Nullable ServerHandshake handshake;

  private @Nullable LinkCore core;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable ScheduledFuture<?> grants;
  private @Nullable ByteBuffer lastWords;

  /** The types of the message that was sent last, and their number. */
  private @Nullable TypeSet ownTypes;

  private int own;

  /** The service has closed the session. */
  private boolean closing;

  /** Output waits for the kernel to take what is written. */
  private boolean awaitingRoom;

  /**
   * The core was saved in this turn of the loop, and may go on elsewhere as it was then. A flush in
   * the same turn must not encode anything: the client would get it twice.
   */
  private boolean justSaved;

  /** The core is being given input. */
  private boolean reading;

  /** Nothing is decoded any more. */
  private boolean discarded;

  private LinkFlow(CodecContext context, Sizes unprocessed) {
    this.context = context;
    this.window = context.window();
    this.unprocessed = unprocessed;
    this.events = new CoreEvents(this, window);
  }

  /** Makes that of a new session, whose client is still to be welcomed. */
  static LinkFlow begin(CodecContext context, @Nullable ServerHandshake proven) {
    LinkFlow flow = new LinkFlow(context, new Sizes());
    flow.handshake = requireNonNull(proven, "a session begins behind its handshake");
    return flow;
  }

  /** Makes that of a session which goes on. */
  static LinkFlow restore(CodecContext context, SavedLink saved) {
    LinkFlow flow = new LinkFlow(context, saved.unprocessed());
    flow.core = saved.core();
    flow.closing = saved.core().isClosing();
    saved.core().forEachPeerDefinition(flow.events::defined);
    if (context.isAway()) {
      saved.core().lost();
    }
    return flow;
  }

  private ChannelHandlerContext context() {
    return requireNonNull(ctx, "not in a pipeline");
  }

  // ---- the client's bytes ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (grants != null) {
      grants.cancel(false);
      grants = null;
    }
    core = null; // it is another flow's now, or nobody's: what it holds is not to be held twice
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    try {
      LinkCore its = core;
      if (its == null) {
        throw new DecoderException("the client did not wait for its welcome");
      }
      if (!discarded) {
        reading = true;
        if (!window.accepts()) {
          its.holdBack();
        }
        for (ByteBuffer each : bytes.nioBuffers()) {
          its.read(each, events);
        }
        reading = false;
        report(its); // which may stop the reading
      }
    } finally {
      bytes.release();
    }
  }

  /** Tells what is held for the client. */
  private void report(LinkCore its) {
    window.holds((int) Math.min(its.buffered(), Integer.MAX_VALUE));
    window.keepsBack((int) Math.min(its.unsent(), Integer.MAX_VALUE));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    sendAll();
  }

  /** Hands a message out; counted until it is {@link #processed}. */
  void handOut(LinkInput message, int size) {
    unprocessed.add(size);
    context().fireChannelRead(message);
  }

  /** The client, or the core, has ended the session, and this has been handed out. */
  void over(CloseReason why) {
    window.end(why);
  }

  /** Whether the service has closed the session and the client is to say the last word. */
  boolean isClosing() {
    return closing;
  }

  /** No service reads byte streams. */
  void stop(int channel) {
    requireNonNull(core).streams().stop(channel, LinkCode.DENIED_BY_SERVICE.number());
  }

  void pong(long t1) {
    long now = System.nanoTime();
    requireNonNull(core).pong(t1, now, now);
  }

  @Override
  public void resume() {
    LinkCore its = core;
    if (its != null && !reading && !discarded && window.accepts()) {
      reading = true;
      its.deliver(events);
      reading = false;
    }
  }

  @Override
  public void processed() {
    int size = unprocessed.remove();
    LinkCore its = core;
    if (its == null || size == 0) {
      return;
    }
    its.consumed(size);
    grantInTime(its);
  }

  private void grantInTime(LinkCore its) {
    if (its.hasUngranted() && grants == null && its.attached()) {
      grants = context().executor().schedule(this::grant, GRANT_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void grant() {
    grants = null;
    LinkCore its = core;
    if (its != null) {
      its.grantAll();
      unprocessed.trim();
      sendAll();
    }
  }

  // ---- the service's messages ----

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    switch (msg) {
      case LinkOutput.Message message -> send(message);
      case LinkOutput.Goodbye(int code, String text) -> {
        closing = true;
        requireNonNull(core).close(code, text);
      }
      default -> throw new IllegalArgumentException("not a message of Link: " + msg.getClass());
    }
    promise.trySuccess();
  }

  private void send(LinkOutput.Message message) {
    LinkCore its = requireNonNull(core);
    if (!message.types().equals(ownTypes)) {
      ownTypes = message.types();
      own = its.define(ByteBuffer.wrap(ownTypes.schema()));
    }
    var _ = its.send(own, message.bytes()); // false: it closes already
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
  }

  private void sendAll() {
    ChannelHandlerContext to = ctx;
    if (to != null && !to.isRemoved() && encode()) {
      to.flush();
    }
  }

  /**
   * Encodes what the client may be sent, as far as the kernel takes it.
   *
   * @return whether there was anything
   */
  private boolean encode() {
    LinkCore its = core;
    if (its == null) {
      return false;
    }
    boolean any = false;
    boolean more = !justSaved;
    while (more && its.wanted() > 0 && hasRoom()) {
      int room = Math.clamp(its.wanted(), LinkCore.MIN_ROOM, CHUNK);
      more = encode(its, context().alloc().ioBuffer(room, room));
      any |= more;
    }
    if (more && its.wanted() > 0 && !awaitingRoom) {
      any |= awaitRoom();
    }
    report(its);
    return any;
  }

  private boolean encode(LinkCore its, ByteBuf bytes) {
    int length = its.write(bytes.internalNioBuffer(0, bytes.capacity()));
    if (length == 0) {
      bytes.release();
      return false;
    }
    bytes.writerIndex(length);
    var _ = context().write(bytes, context().voidPromise());
    return true;
  }

  private boolean hasRoom() {
    ChannelOutboundBuffer buffer = context().channel().unsafe().outboundBuffer();
    return buffer != null
        && buffer.totalPendingWriteBytes()
            <= context().channel().config().getWriteBufferHighWaterMark();
  }

  /**
   * Goes on once the kernel has taken what is written. The channel does not tell by itself: it
   * stays unwritable as long as much is kept back here.
   *
   * @return false if the channel is closed
   */
  private boolean awaitRoom() {
    if (context().channel().unsafe().outboundBuffer() == null) {
      return false;
    }
    awaitingRoom = true;
    context()
        .write(Unpooled.EMPTY_BUFFER)
        .addListener(taken -> {
          awaitingRoom = false;
          if (taken.isSuccess()) {
            sendAll();
          }
        });
    return true;
  }

  // ---- for the runtime ----

  @Override
  public void welcome() {
    ServerHandshake its = requireNonNull(handshake);
    SessionKey key = context.claim();
    its.welcome(id(key), context.awaitsReturn().toMillis());
    Handshakes.write(its, context());
    core = its.core();
    handshake = null;
  }

  /** Returns a session's id on the wire. */
  static byte[] id(SessionKey key) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(key.high()).putLong(key.low()).array();
  }

  @Override
  public void attached() {
    resume();
    sendAll();
    LinkCore its = core;
    if (its != null) {
      grantInTime(its); // what was processed before it moved
    }
  }

  @Override
  public Phase phase() {
    LinkCore its = core;
    if (its == null || its.holdsBack()) {
      return Phase.ANSWER;
    }
    return its.isClosing() ? Phase.HEAD : Phase.IDLE; // its answer to our goodbye is due
  }

  @Override
  public Optional<Saved> save() {
    LinkCore its = core;
    if (its == null || its.isOver()) {
      return Optional.empty();
    }
    justSaved = true;
    context()
        .executor()
        .execute(() -> {
          justSaved = false;
          sendAll(); // if the session has not gone elsewhere
        });
    return Optional.of(SavedLink.write(its, unprocessed));
  }

  /** Returns how long the session would wait for its client. */
  Duration awaitsReturn() {
    return context.awaitsReturn();
  }

  /** Returns the core; null before the welcome. */
  @Nullable LinkCore core() {
    return core;
  }

  /** Takes the core off this connection, whose last words are kept. */
  void leave() {
    lastWords = requireNonNull(core).superseded();
  }

  /** Gives the session to another connection: nothing more is read or written here. */
  Saved giveUp() {
    Saved session = SavedLink.write(requireNonNull(core), unprocessed);
    core = null;
    return session;
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
    if (window.quiet()) {
      window.end(CloseReason.SHUTDOWN);
    }
  }

  @Override
  public void goodbye(CloseReason why) {
    LinkCode code = Refusals.code(why);
    ServerHandshake waiting = handshake;
    LinkCore its = core;
    if (waiting != null && code != null) {
      Handshakes.refuse(waiting, code, context());
    } else if (its != null) {
      if (code != null && !its.isOver()) {
        its.abort(code.number(), "");
      }
      sendAll();
    }
  }
}
