package io.baton.worker.codec.websocket;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Protocol;

/**
 * A codec of a stream of bytes, put into the binary messages of a WebSocket: their payloads, one
 * after the other, are the stream (docs/PROTOCOLS.md, 13). It goes on and moves as the codec inside
 * does, at any byte of a frame.
 *
 * @param route its path as it is configured; part of the names of its protocols
 * @param inside the codec of the stream
 */
record ByteStreamCodec<I, O>(String route, Codec<I, O> inside) implements Codec<I, O> {

  /** Returns the protocol that is spoken first. */
  static <I, O> Protocol<I, O> first(String route, Protocol<I, O> inside) {
    return new Protocol<>(route, new ByteStreamCodec<>(route, inside.codec()), inside.service());
  }

  /** Returns a protocol that is spoken behind it, in the messages of the same WebSocket. */
  static <I, O> Protocol<I, O> later(String route, Protocol<I, O> inside) {
    return new Protocol<>(
        route + " " + inside.name(),
        new ByteStreamCodec<>(route, inside.codec()),
        inside.service());
  }

  /** Returns another protocol in the messages of the same WebSocket. */
  private Protocol<?, ?> onSameRoute(Protocol<?, ?> next) {
    return later(route, next);
  }

  @Override
  public Class<I> in() {
    return inside.in();
  }

  @Override
  public Class<O> out() {
    return inside.out();
  }

  @Override
  public int window() {
    return inside.window();
  }

  @Override
  public boolean clientsTurn() {
    return inside.clientsTurn();
  }

  @Override
  public boolean seeks() {
    return inside.seeks();
  }

  @Override
  public boolean welcomes() {
    return inside.welcomes();
  }

  @Override
  public Flow install(CodecContext context) {
    ByteStreamHandler frames = new ByteStreamHandler(this::onSameRoute, context.isAway());
    ByteStreamContext within = new ByteStreamContext(route, context, frames);
    context.pipeline().addLast(frames);
    return new ByteStreamFlow(route, frames, inside.install(within));
  }
}
