package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/** The byte streams of a session, beside its messages: up to 64 open in each direction. */
public final class LinkStreams {
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
   * Opens a byte stream to the peer.
   *
   * @param name up to 255 bytes of UTF-8
   * @param length in bytes, -1 if not known
   * @return its channel; -1 if 64 are open already, or the session is closing
   */
  public int open(String name, long length) {
    byte[] bytes = name.getBytes(UTF_8);
    if (bytes.length > InboundStream.MAX_NAME_BYTES || length < -1 || length == Long.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a stream's name has at most 255 bytes and its length is at least -1");
    }
    OutboundStream stream = closing.isClosing() ? null : sending.open(bytes, length);
    return stream == null ? -1 : stream.channel;
  }

  /**
   * Queues bytes of a stream, as many as the peer's window and the bound of the queue let.
   *
   * @return how many; -1 if the stream has ended or was stopped, or the session is closing
   */
  public int write(int channel, ByteBuffer from) {
    OutboundStream stream = sending.stream(channel);
    if (stream == null || stream.isEnding() || closing.isClosing()) {
      return -1;
    }
    long kept = stream.kept.size();
    long room =
        Math.min(facts.peer().window() - kept, facts.limits().maxQueued() - sending.queued());
    int n = (int) Math.min(Math.max(0, room), from.remaining());
    stream.kept.append(from.slice(from.position(), n));
    from.position(from.position() + n);
    return n;
  }

  /** Ends a stream of this side; nothing happens if it has ended. */
  public void end(int channel, LinkCode code) {
    OutboundStream stream = sending.stream(channel);
    if (stream != null) {
      stream.end(code);
    }
  }

  /**
   * Reads from a stream of the peer; what is read is consumed.
   *
   * @return how many bytes; 0 if there are none at present, -1 if it has ended
   */
  public int read(int channel, ByteBuffer to) {
    return receiving.read(channel, to);
  }

  /** Tells the peer to send no more of its stream, and drops what has come. */
  public void stop(int channel, LinkCode code) {
    receiving.stop(channel, code);
  }
}
