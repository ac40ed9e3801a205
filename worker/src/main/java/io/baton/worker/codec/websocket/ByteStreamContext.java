package io.baton.worker.codec.websocket;

import io.baton.codec.ClientIdentity;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the codec of a stream of bytes asks of the runtime, from inside a WebSocket: what it has
 * read and saved is put into frames on its way out. Event loop only.
 *
 * @param route of the session
 * @param outside what the runtime has handed out
 * @param frames through which the codec reads and writes
 */
record ByteStreamContext(String route, CodecContext outside, ByteStreamHandler frames)
    implements CodecContext {
  private static final String PREFIX = "websocket/";
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  @Override
  public ChannelPipeline pipeline() {
    return outside.pipeline();
  }

  @Override
  public Peer peer() {
    return outside.peer();
  }

  @Override
  public Window window() {
    return outside.window();
  }

  @Override
  public ClientIdentity identity() {
    return outside.identity();
  }

  @Override
  public Optional<SessionKey> key() {
    return outside.key();
  }

  @Override
  public Duration awaitsReturn() {
    return outside.awaitsReturn();
  }

  @Override
  public boolean isAway() {
    return outside.isAway();
  }

  @Override
  public SessionKey claim() {
    return outside.claim();
  }

  @Override
  public SessionKey claimShort() {
    return outside.claimShort();
  }

  // ---- what the codec saves ----

  /**
   * Returns what the codec saved; its bytes come through the frames again.
   *
   * @throws IllegalArgumentException if it was saved outside a WebSocket
   */
  @Override
  public Optional<Saved> saved() {
    return outside
        .saved()
        .map(saved -> {
          String name = saved.codec();
          if (!name.startsWith(PREFIX)) {
            throw new IllegalArgumentException(
                "saved by %s; this worker reads %s..".formatted(name, PREFIX));
          }
          String codec = name.substring(PREFIX.length());
          return new Saved(codec, saved.version(), saved.state(), NOTHING, saved.live());
        });
  }

  /** Puts what the codec saved into frames. */
  static Saved saved(Saved inside, ByteStreamHandler frames) {
    return new Saved(
        PREFIX + inside.codec(),
        inside.version(),
        inside.state(),
        frames.saved(inside.unread()),
        inside.live());
  }

  // ---- sessions of before ----

  @Override
  public Meeting meet(SessionKey key, Saved codec) {
    return inside(outside.meet(key, saved(codec, frames)));
  }

  @Override
  public Meeting meet(SessionKey key, ByteBuf read) {
    return inside(outside.meet(key, Unpooled.wrappedBuffer(frames.saved(read.nioBuffer()))));
  }

  @Override
  public Meeting meet(SessionKey key, ByteBuf read, ByteBuffer proof) {
    return inside(outside.meet(key, Unpooled.wrappedBuffer(frames.saved(read.nioBuffer())), proof));
  }

  private Meeting inside(Meeting met) {
    return met instanceof Meeting.Here(Flow flow) ? new Meeting.Here(inside(flow)) : met;
  }

  @Override
  public Optional<Flow> met() {
    return outside.met().map(this::inside);
  }

  /** Returns the part of the codec inside, if the session is one of the same route. */
  private Flow inside(Flow flow) {
    return flow instanceof ByteStreamFlow(var its, var _, Flow inside) && its.equals(route)
        ? inside
        : flow;
  }

  @Override
  public void replace(Saved codec, OptionalLong last) {
    outside.replace(saved(codec, frames), last);
  }

  @Override
  public void accompany(Saved codec) {
    outside.accompany(saved(codec, frames));
  }

  @Override
  public Optional<Flow> accompanies() {
    return outside.accompanies().map(this::inside);
  }
}
