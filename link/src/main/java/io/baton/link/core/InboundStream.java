package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The receiving end of a byte stream. Its first bytes are the head: {@code u8 kind, varint length
 * and name, varint length of the stream + 1 or 0}.
 */
final class InboundStream extends Inbound {
  static final int MAX_NAME_BYTES = 255;
  private static final long OPEN = -1;

  private boolean hasHead;
  private boolean stopped;
  private boolean stopUnsaid;
  private int stopCode;

  /** The offset behind END, OPEN until it has come. */
  private long end = OPEN;

  InboundStream(int channel, Limits limits) {
    super(channel, limits, new ByteRing(0), 0, 0);
  }

  private InboundStream(int channel, Limits limits, ByteRing held, long acknowledged, long said) {
    super(channel, limits, held, acknowledged, said);
  }

  @Override
  long got() {
    return end == OPEN ? super.got() : end;
  }

  /** Tells whether the user knows of it: its head has come whole. */
  boolean isOpen() {
    return hasHead;
  }

  boolean isEnded() {
    return end != OPEN;
  }

  /** Tells whether all of it has been read, so that only the acknowledgement is left to say. */
  boolean isOver() {
    return end != OPEN && acknowledged() == end;
  }

  /** Takes bytes of the stream; returns by how much the acknowledgement moves on. */
  long take(ByteBuffer piece, LinkEvents events) throws LinkProtocolException {
    held.append(piece);
    long more = 0;
    if (!hasHead) {
      more = readHead(events);
    }
    if (stopped) {
      held.dropTo(held.end());
      return more + acknowledge(held.end());
    }
    if (hasHead && held.size() > 0) {
      events.readable(channel);
    }
    return more;
  }

  private long readHead(LinkEvents events) throws LinkProtocolException {
    ByteBuffer head = held.view(0, Math.min(held.size(), MAX_NAME_BYTES + 12));
    int start = head.position();
    String name;
    long length;
    try {
      int kind = head.get();
      if (kind != OutboundStream.KIND_BYTES) {
        throw new LinkProtocolException("a stream of kind " + (kind & 0xFF) + "; known is 1");
      }
      long bytes = Varint.read(head);
      if (bytes > MAX_NAME_BYTES) {
        throw new LinkProtocolException("a stream's name of " + bytes + " bytes; at most 255");
      }
      byte[] utf8 = new byte[(int) bytes];
      head.get(utf8);
      name = new String(utf8, UTF_8);
      length = Varint.read(head) - 1;
    } catch (BufferUnderflowException e) {
      return 0;
    }
    hasHead = true;
    held.dropTo(head.position() - start);
    long more = acknowledge(taken());
    events.opened(channel, name, length);
    return more;
  }

  /** Takes END. */
  void end(long offset) throws LinkProtocolException {
    if (!hasHead || offset != held.end()) {
      throw new LinkProtocolException(
          "END of channel %d at %d, after %d bytes".formatted(channel, offset, held.end()));
    }
    end = offset + 1;
  }

  /** Acknowledges END if everything before it is read; returns by how much. */
  long finish() {
    return isEnded() && held.size() == 0 ? acknowledge(end) : 0;
  }

  int read(ByteBuffer to) {
    int n = Math.min(to.remaining(), held.size());
    if (n > 0) {
      held.copy(taken(), n, to);
      held.dropTo(taken() + n);
    }
    return n;
  }

  void stop(LinkCode code) {
    if (!stopped && !isEnded()) {
      stopped = true;
      stopUnsaid = true;
      stopCode = code.number();
    }
    held.dropTo(held.end());
  }

  /** The peer has to be told again what it may not have heard. */
  void resume() {
    stopUnsaid = stopped && !isEnded();
  }

  boolean writeStop(ByteBuffer to) {
    if (!stopUnsaid) {
      return false;
    }
    Frame.head(to, FrameType.STOP, Varint.size(channel) + Varint.size(stopCode));
    Varint.write(to, channel);
    Varint.write(to, stopCode);
    stopUnsaid = false;
    return true;
  }

  void save(ByteSink to) {
    to.varint(channel);
    held.save(to);
    to.varint(acknowledged()).varint(said()).varint(end + 1);
    to.flag(hasHead).flag(stopped).flag(stopUnsaid).varint(stopCode);
  }

  static InboundStream restore(Limits limits, ByteSource from) throws LinkProtocolException {
    int channel = from.varint(Offsets.MAX_CHANNEL, "a channel");
    ByteRing held = ByteRing.restore(from);
    InboundStream stream = new InboundStream(channel, limits, held, from.varint(), from.varint());
    stream.end = from.varint() - 1;
    stream.hasHead = from.flag();
    stream.stopped = from.flag();
    stream.stopUnsaid = from.flag();
    stream.stopCode = from.varint(LinkCode.UNKNOWN.number(), "a code");
    if ((stream.isEnded() && stream.end != held.end() + 1)
        || stream.acknowledged() > stream.got()
        || stream.said() > stream.acknowledged()
        || (!stream.hasHead && (held.start() > 0 || held.size() > MAX_NAME_BYTES + 12))) {
      throw new LinkProtocolException("offsets of a received stream contradict each other");
    }
    return stream;
  }
}
