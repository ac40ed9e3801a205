package io.baton.mesh;

import io.baton.pipe.MalformedMessageException;
import io.baton.posix.Errno;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;

/**
 * One end of the socketpair between two workers. Owns its descriptor. Never blocks. Not thread
 * safe.
 */
public final class MeshSocket implements AutoCloseable {

  /** What became of messages that were to be sent. */
  public sealed interface Sent {}

  /**
   * The kernel has so many of them, in one packet: the neighbour will find them, if it lives.
   *
   * @param bytes of the packet
   */
  public record Packed(int messages, int bytes) implements Sent {}

  /** The socket is full for now; nothing was sent. */
  public record Full() implements Sent {}

  /** Nobody is at the other end, or the socket is unusable; nothing was sent. */
  public record Gone() implements Sent {}

  /** What came from the neighbour. */
  public sealed interface Received {}

  /** The messages of a packet. */
  public record Packet(List<MeshMessage> messages) implements Received {}

  /** Nothing for now. */
  public record Empty() implements Received {}

  /** The other end is closed and all that it sent has been received. */
  public record End() implements Received {}

  private static final Full FULL = new Full();
  private static final Gone GONE = new Gone();
  private static final Empty EMPTY = new Empty();
  private static final End END = new End();

  private final Fd fd;
  private final Frame frame;
  private boolean weOpened;
  private boolean theyOpened;

  /**
   * @param frame may be shared by all sockets of one thread
   */
  public MeshSocket(Fd fd, Frame frame) {
    this.fd = fd;
    this.frame = frame;
  }

  /** A frame of the right size. */
  public static Frame newFrame() {
    return new Frame(MeshCodec.MAX_PACKET);
  }

  public Fd fd() {
    return fd;
  }

  /** Sends as many of the messages as one packet holds, from the first on. */
  public Sent send(Iterable<MeshMessage> messages) {
    ByteBuffer payload = frame.payload().clear();
    if (!weOpened) {
      MeshCodec.open(payload);
    }
    int count = 0;
    Iterator<MeshMessage> each = messages.iterator();
    while (each.hasNext() && MeshCodec.write(each.next(), payload)) {
      count++;
    }
    if (count == 0 && weOpened) {
      throw new IllegalArgumentException("no message, or one that fits no packet");
    }
    int result = frame.send(fd, null);
    if (result >= 0) {
      weOpened = true;
      return new Packed(count, result);
    }
    return Frame.isFull(result) ? FULL : GONE;
  }

  /**
   * Receives the next packet.
   *
   * @throws MalformedMessageException if it is not one of a worker's; what follows is no better
   */
  public Received receive() throws MalformedMessageException {
    int result = frame.receive(fd);
    if (result < 0) {
      return result == -Errno.EAGAIN || result == -Errno.EINTR ? EMPTY : END;
    }
    List<Fd> descriptors = frame.takeDescriptors();
    descriptors.forEach(Fd::release);
    if (!descriptors.isEmpty()) {
      throw new MalformedMessageException("a packet with descriptors");
    }
    return result == 0 ? END : packet();
  }

  private Packet packet() throws MalformedMessageException {
    if (frame.truncated()) {
      throw new MalformedMessageException(
          "a packet of more than " + MeshCodec.MAX_PACKET + " bytes");
    }
    ByteBuffer payload = frame.payload();
    if (!theyOpened) {
      int _ = MeshCodec.readOpening(payload);
      theyOpened = true;
    }
    return new Packet(MeshCodec.read(payload));
  }

  @Override
  public void close() {
    fd.close();
  }
}
