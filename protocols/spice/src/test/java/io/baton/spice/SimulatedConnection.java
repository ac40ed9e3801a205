package io.baton.spice;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One connection to a simulated server, with what the runtime does for it. */
final class SimulatedConnection {
  private SimulatedServer server;

  /** What it goes on with in another worker, which it leaves for. */
  private @Nullable Saved leaving;

  EmbeddedChannel channel = new EmbeddedChannel();
  Flow flow;
  SimulatedSession session;
  @Nullable Throwable failure;
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  SimulatedConnection(SimulatedServer server) {
    this.server = server;
    this.session = new SimulatedSession();
    this.flow = server.codec.install(new Context(null, false));
    session.connections.add(this);
    flow.attached();
  }

  /** The client sends bytes, in one read. */
  void reads(byte... bytes) {
    if (failure == null && bytes.length > 0) {
      decode(Unpooled.copiedBuffer(bytes));
    }
  }

  private void decode(ByteBuf bytes) {
    try {
      channel.writeInbound(bytes);
    } catch (RuntimeException e) {
      failure = e;
    }
    handOut();
    Saved left = leaving;
    if (left != null) {
      leaving = null;
      server = Objects.requireNonNull(server.successor);
      arrives(left, false);
      rereads(left);
    }
  }

  /** What was handed out is the session's. */
  void handOut() {
    for (@Nullable SpiceInput next = channel.readInbound();
        next != null;
        next = channel.readInbound()) {
      session.receive(next);
    }
    session.turn();
  }

  /** Returns and forgets what the server has written. */
  byte[] written() {
    collect();
    byte[] all = sent.toByteArray();
    sent.reset();
    return all;
  }

  private void collect() {
    for (@Nullable ByteBuf next = channel.readOutbound();
        next != null;
        next = channel.readOutbound()) {
      byte[] bytes = new byte[next.readableBytes()];
      next.readBytes(bytes);
      next.release();
      sent.writeBytes(bytes);
    }
  }

  /** Leaves its worker. */
  Saved leaves() {
    Saved saved = flow.save().orElseThrow();
    collect();
    return saved;
  }

  /** Is at home in another one. */
  void arrives(Saved saved, boolean companion) {
    flow.ended(CloseReason.MOVED);
    channel.finishAndReleaseAll();
    channel = new EmbeddedChannel();
    flow = server.codec.install(new Context(saved, companion));
  }

  void rereads(Saved saved) {
    reads(bytes(saved));
  }

  private static byte[] bytes(Saved saved) {
    byte[] bytes = new byte[saved.unread().remaining()];
    saved.unread().duplicate().get(bytes);
    return bytes;
  }

  void close(CloseReason why) {
    flow.ended(why);
    channel.finishAndReleaseAll();
  }

  private final class Context implements CodecContext {
    private final @Nullable Saved saved;
    private final boolean companion;
    private @Nullable SimulatedSession met;

    Context(@Nullable Saved saved, boolean companion) {
      this.saved = saved;
      this.companion = companion;
    }

    @Override
    public ChannelPipeline pipeline() {
      return channel.pipeline();
    }

    @Override
    public Peer peer() {
      return new Peer.Tcp(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public Window window() {
      return session.window;
    }

    @Override
    public Optional<Saved> saved() {
      return Optional.ofNullable(saved);
    }

    @Override
    public SessionKey claimShort() {
      return server.add(session);
    }

    @Override
    public Meeting meet(SessionKey key, Saved codec) {
      if (server.successor != null) {
        collect();
        strip();
        leaving = codec;
        return new Meeting.Elsewhere();
      }
      met = server.sessions.get(key.shortId());
      return met == null
          ? new Meeting.Nowhere()
          : new Meeting.Here(met.connections.getFirst().flow);
    }

    @Override
    public Optional<Flow> met() {
      return Optional.ofNullable(met).map(its -> its.connections.getFirst().flow);
    }

    @Override
    public void accompany(Saved codec) {
      if (met == null) {
        throw new IllegalStateException("no session was met");
      }
      flow.ended(CloseReason.MOVED);
      strip();
      session = met;
      session.connections.add(SimulatedConnection.this);
      flow = server.codec.install(new Context(codec, true));
      flow.attached();
      rereads(codec);
    }

    private void strip() {
      for (String name : channel.pipeline().names()) {
        if (channel.pipeline().get(name) instanceof SpiceDecoder
            || channel.pipeline().get(name) instanceof SpiceEncoder) {
          channel.pipeline().remove(name);
        }
      }
    }

    @Override
    public Optional<Flow> accompanies() {
      return companion ? Optional.of(session.connections.getFirst().flow) : Optional.empty();
    }
  }
}
