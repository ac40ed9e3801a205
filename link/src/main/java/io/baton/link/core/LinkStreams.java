package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * The byte streams of a session, beside its messages. At most 64 channels are open in each
 * direction, streams and message channels together.
 */
public final class LinkStreams {
  private static final long MAX_LENGTH = 1L << 62;

  private final SessionFacts facts;
  private final SendingHalf sending;
  private final ReceivingHalf receiving;
  private final Closing closing;

  LinkStreams(SessionFacts facts, SendingHalf sending, ReceivingHalf receiving, Closing closing) {
    this.facts = facts;
    this.sending = sending;
    this.receiving = receiving;
    this.closing = closing;
  }

  /**
   * Opens a byte stream to the peer, which {@link #write} fills.
   *
   * @param name up to 255 bytes of UTF-8
   * @param length in bytes, -1 if not known
   * @return its channel; -1 if 64 channels are open already, or the session is closing
   */
  public int open(String name, long length) {
    checkName(name);
    if (length < -1 || length > MAX_LENGTH) {
      throw new IllegalArgumentException("a stream's length is from -1 to 2^62, not " + length);
    }
    return closing.isClosing() ? -1 : sending.openStream(name, length, null);
  }

  /**
   * Opens a byte stream to the peer that is read from a source and ends behind it.
   *
   * @param name up to 255 bytes of UTF-8
   * @param length of the source in bytes
   * @param source closed by the core as soon as it needs it no more, also if no stream is opened
   * @return its channel; -1 if 64 channels are open already, or the session is closing
   */
  public int open(String name, long length, StreamSource source) {
    checkName(name);
    if (length < 0 || length > MAX_LENGTH) {
      throw new IllegalArgumentException("a source's length is from 0 to 2^62, not " + length);
    }
    int channel = closing.isClosing() ? -1 : sending.openStream(name, length, source);
    if (channel < 0) {
      source.close();
    }
    return channel;
  }

  static void checkName(String name) {
    int length = name.getBytes(UTF_8).length;
    if (length > Inbound.MAX_NAME_BYTES) {
      throw new IllegalArgumentException("a name has at most 255 bytes of UTF-8, not " + length);
    }
  }

  /**
   * Queues bytes of a stream, as many as the peer's window and the bound of the queue let.
   *
   * @return how many; -1 if the stream has ended or was stopped, is read from a source, or the
   *     session is closing
   */
  public int write(int channel, ByteBuffer from) {
    OutboundStream stream = sending.stream(channel);
    if (stream == null || stream.isEnding() || closing.isClosing()) {
      return -1;
    }
    int n = Math.min(room(stream), from.remaining());
    stream.kept.append(from.slice(from.position(), n));
    from.position(from.position() + n);
    return n;
  }

  /** Returns how many bytes {@link #write} would take now; 0 if it would return -1. */
  public int room(int channel) {
    OutboundStream stream = sending.stream(channel);
    return stream == null || stream.isEnding() || closing.isClosing() ? 0 : room(stream);
  }

  private int room(OutboundStream stream) {
    long room = facts.limits().maxQueued() - sending.queued();
    if (room < stream.room()) {
      sending.tellRoom();
    }
    return (int) Math.max(0, Math.min(stream.room(), room));
  }

  /**
   * Ends a stream or a message channel of this side, behind what is queued; one that is read from a
   * source at what is sent. Nothing happens if it has ended.
   *
   * @param code a {@link LinkCode}'s number, 0 for a complete stream, or an application's own
   * @throws IllegalArgumentException if the code is not from 0 to 65535
   */
  public void end(int channel, int code) {
    sending.end(channel, LinkCode.checked(code));
  }

  /**
   * Reads from a stream of the peer; what is read is consumed.
   *
   * @return how many bytes; 0 if there are none at present, -1 if it has ended
   */
  public int read(int channel, ByteBuffer to) {
    int n = peek(channel, 0, to);
    if (n > 0) {
      consume(channel, n);
    }
    return n;
  }

  /**
   * Copies bytes of a stream of the peer, which are not consumed by that.
   *
   * @param skip how many bytes behind the last consumed one to begin
   * @return how many bytes; 0 if there are none at present, -1 if it has ended before them
   */
  public int peek(int channel, long skip, ByteBuffer to) {
    InboundStream stream = receiving.stream(channel);
    return stream == null ? -1 : stream.peek(skip, to);
  }

  /**
   * Consumes bytes of a stream of the peer that were read by {@link #peek}; nothing happens if it
   * is over.
   *
   * @throws IllegalArgumentException if fewer have come
   */
  public void consume(int channel, int n) {
    InboundStream stream = receiving.stream(channel);
    if (stream != null && !stream.isStopped()) {
      stream.consumeNext(n);
    }
  }

  /** Returns how many bytes of a stream of the peer are consumed; 0 if it is over. */
  public long consumed(int channel) {
    InboundStream stream = receiving.stream(channel);
    return stream == null ? 0 : stream.bytes();
  }

  /**
   * Tells the peer to send no more of its stream, and drops what has come. The code is the peer's
   * outcome of the stream, unless all of it was consumed before.
   *
   * @param code a {@link LinkCode}'s number or, from 256 on, an application's own
   * @throws IllegalArgumentException if the code is not from 0 to 65535
   */
  public void stop(int channel, int code) {
    InboundStream stream = receiving.stream(channel);
    int checked = LinkCode.checked(code);
    if (stream != null && stream.isOpen()) {
      stream.stop(checked);
    }
  }

  /** Returns the number of the peer's streams that are open. */
  public int incoming() {
    return receiving.streams();
  }

  /** Returns the number of this side's streams that are open. */
  public int outgoing() {
    return sending.streams();
  }
}
