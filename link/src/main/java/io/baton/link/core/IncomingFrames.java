package io.baton.link.core;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The frames of the peer in an open session, and what each means for the core's parts. */
final class IncomingFrames implements FrameReader.Sink {
  /** A piece of work that calls events. */
  interface Reading {
    void run() throws LinkProtocolException;
  }

  private final SendingHalf sending;
  private final ReceivingHalf receiving;
  private final Closing closing;
  private @Nullable LinkEvents events;

  IncomingFrames(SendingHalf sending, ReceivingHalf receiving, Closing closing) {
    this.sending = sending;
    this.receiving = receiving;
    this.closing = closing;
  }

  /**
   * Does the work with these events. A mistake of the peer ends the session, and what has come and
   * was not taken is dropped.
   */
  void during(LinkEvents receiver, Reading reading) {
    if (events != null) {
      throw new IllegalStateException("a core is read by one caller at a time");
    }
    events = receiver;
    try {
      reading.run();
      sending.tell(receiver);
    } catch (LinkProtocolException e) {
      closing.abort(e.code().number(), e.text(), false);
      receiving.drop();
    } finally {
      events = null;
    }
    if (closing.isOver()) {
      sending.closeSources();
    }
    if (closing.isUntold() && !receiving.delivery().isPaused()) {
      Closing.Goodbye last = closing.tell();
      if (last != null) {
        receiver.closed(last.code(), last.text());
      }
    }
  }

  @Override
  public boolean isOver() {
    return closing.isOver();
  }

  @Override
  public void data(int channel, int length) throws LinkProtocolException {
    if (closing.hasPeers()) {
      throw new LinkProtocolException("DATA after GOODBYE");
    }
    receiving.announce(channel, length);
  }

  @Override
  public void bytes(int channel, ByteBuffer piece) throws LinkProtocolException {
    receiving.take(channel, piece, events());
  }

  @Override
  public void frame(FrameType type, ByteBuffer body) throws LinkProtocolException {
    ByteSource from = new ByteSource(type.name(), body);
    switch (type) {
      case DEFINE -> define(from.varint(Definitions.MAX_ID, "a type set"), from.rest());
      case END -> end(from);
      case GRANT -> sending.granted(channel(from), from.varint(), events());
      case CREDIT -> sending.credit().credited(from.varint());
      case STOP -> stop(channel(from), code(from));
      case PING -> events().pinged(from.i64());
      case PONG -> events().ponged(from.i64(), from.i64(), from.i64());
      case GOAWAY -> events().goingAway(LinkCode.of(from.u16()), from.varint());
      case GOODBYE -> closing.said(Closing.Goodbye.read(body));
      case HELLO, CHALLENGE, PROOF, WELCOME, REFUSED, SERVICES, SERVICE_LIST, DATA ->
          throw new LinkProtocolException(type + " in an open session");
    }
    from.end();
  }

  private void define(int types, ByteBuffer schema) throws LinkProtocolException {
    if (receiving.definitions().put(types, schema)) {
      events().defined(types, schema);
    }
    schema.position(schema.limit());
  }

  private void end(ByteSource from) throws LinkProtocolException {
    receiving.end(channel(from), from.varint(), code(from), from.u32(), events());
  }

  private void stop(int channel, int code) throws LinkProtocolException {
    if (sending.stopped(channel, code)) {
      events().stopped(channel, code);
    }
  }

  private static int channel(ByteSource from) throws LinkProtocolException {
    return from.varint(Offsets.MAX_CHANNEL, "a channel");
  }

  private static int code(ByteSource from) throws LinkProtocolException {
    return from.varint(LinkCode.MAX_NUMBER, "a code");
  }

  private LinkEvents events() {
    if (events == null) {
      throw new IllegalStateException("nothing is read");
    }
    return events;
  }
}
