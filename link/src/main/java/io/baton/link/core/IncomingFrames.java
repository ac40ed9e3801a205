package io.baton.link.core;

import java.nio.ByteBuffer;

/**
 * The frames of the peer in an open session, and what each means for the core's parts. One object
 * for what is read, or delivered, at one time.
 */
final class IncomingFrames implements FrameReader.Sink {
  /** A piece of work that calls events. */
  private interface Reading {
    void run() throws LinkProtocolException;
  }

  private final SendingHalf sending;
  private final ReceivingHalf receiving;
  private final Closing closing;
  private final LinkEvents events;

  /** Something has come that says more than that the peer is there. */
  private boolean active;

  IncomingFrames(SendingHalf sending, ReceivingHalf receiving, Closing closing, LinkEvents events) {
    this.sending = sending;
    this.receiving = receiving;
    this.closing = closing;
    this.events = events;
  }

  /** Reads what is there. A mistake of the peer ends the session. */
  void read(FrameReader reader, ByteBuffer from) {
    during(() -> reader.read(from, this));
  }

  /** Goes on with what was held back. */
  void deliver() {
    during(() -> receiving.deliver(events));
  }

  /** Does the work. With a mistake of the peer, what has come and was not taken is dropped. */
  private void during(Reading reading) {
    try {
      reading.run();
      sending.tell(events);
    } catch (LinkProtocolException e) {
      closing.abort(e.code().number(), e.text(), false);
      receiving.drop();
    }
    if (closing.isOver()) {
      sending.closeSources();
    }
  }

  /** Tells the end of the session, once, behind the last message. */
  void tellEnd() {
    if (closing.isUntold() && !receiving.delivery().isPaused()) {
      Closing.Goodbye last = closing.tell();
      if (last != null) {
        events.closed(last.code(), last.text());
      }
    }
  }

  boolean isActive() {
    return active;
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
    active = true;
    receiving.take(channel, piece, events);
  }

  @Override
  public void frame(FrameType type, ByteBuffer body) throws LinkProtocolException {
    active |= type != FrameType.PING && type != FrameType.PONG;
    ByteSource from = new ByteSource(type.name(), body);
    switch (type) {
      case DEFINE -> define(from.varint(Definitions.MAX_ID, "a type set"), from.rest());
      case END -> end(from);
      case GRANT -> sending.granted(channel(from), from.varint(), events);
      case CREDIT -> sending.credit().credited(from.varint());
      case STOP -> stop(channel(from), code(from));
      case PING -> events.pinged(from.i64());
      case PONG -> events.ponged(from.i64(), from.i64(), from.i64());
      case GOAWAY -> events.goingAway(LinkCode.of(from.u16()), from.varint());
      case GOODBYE -> closing.said(Closing.Goodbye.read(body));
      case HELLO, CHALLENGE, PROOF, WELCOME, REFUSED, SERVICES, SERVICE_LIST, DATA ->
          throw new LinkProtocolException(type + " in an open session");
    }
    from.end();
  }

  private void define(int types, ByteBuffer schema) throws LinkProtocolException {
    if (receiving.delivery().define(types, schema)) {
      events.defined(types, schema);
    }
    schema.position(schema.limit());
  }

  private void end(ByteSource from) throws LinkProtocolException {
    receiving.end(channel(from), from.varint(), code(from), from.u32(), events);
  }

  private void stop(int channel, int code) throws LinkProtocolException {
    if (sending.stopped(channel, code)) {
      events.stopped(channel, code);
    }
  }

  private static int channel(ByteSource from) throws LinkProtocolException {
    return from.varint(Offsets.MAX_CHANNEL, "a channel");
  }

  private static int code(ByteSource from) throws LinkProtocolException {
    return from.varint(LinkCode.MAX_NUMBER, "a code");
  }
}
