package io.baton.pipe;

import io.baton.posix.Errno;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import java.nio.ByteBuffer;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One end of the socketpair between the manager and a worker. Owns its descriptor. Never blocks.
 * Not thread safe.
 */
public final class Pipe implements AutoCloseable {

  /** What became of a packet. */
  public enum Sent {
    /** The kernel has it: the other end will find it. */
    YES,
    /** The pipe is full for now; nothing was sent. */
    FULL,
    /** Nobody is at the other end; nothing was sent. */
    GONE
  }

  /** What came out of the pipe. */
  public sealed interface Received {}

  /**
   * A packet. The receiver owns the descriptors.
   *
   * @param descriptors in the order they were sent
   * @param descriptorLost some or all were sent along but this process has no room for them
   */
  public record Packet(List<Message> messages, List<Fd> descriptors, boolean descriptorLost)
      implements Received {

    /** Closes the copies that are still the receiver's. */
    public void releaseDescriptors() {
      descriptors.forEach(Fd::close);
    }
  }

  /** Nothing for now. */
  public record Empty() implements Received {}

  /** The other end is closed and all that it sent has been received. */
  public record End() implements Received {}

  private static final Empty EMPTY = new Empty();
  private static final End END = new End();

  private final Fd fd;
  private final Frame frame;

  /**
   * @param frame may be shared by all pipes of one thread
   */
  public Pipe(Fd fd, Frame frame) {
    this.fd = fd;
    this.frame = frame;
  }

  /** A frame of the right size. */
  public static Frame newFrame() {
    return new Frame(Message.MAX_PACKET);
  }

  public Fd fd() {
    return fd;
  }

  /** Sends the messages, and their descriptors, as one packet, which they must fit into. */
  public Sent send(List<? extends Message> messages, List<Fd> descriptors) {
    ByteBuffer payload = frame.payload().clear();
    for (Message message : messages) {
      MessageCodec.write(message, payload);
    }
    return sendFrame(descriptors);
  }

  /** As {@link #send(List, List)}, for a single message. */
  public Sent send(Message message, @Nullable Fd descriptor) {
    return send(List.of(message), descriptor == null ? List.of() : List.of(descriptor));
  }

  /** Sends from the queue's head, one packet a message, and removes what went. */
  public Sent flush(Deque<? extends Message> queue) {
    while (!queue.isEmpty()) {
      Sent sent = send(queue.getFirst(), null);
      if (sent != Sent.YES) {
        return sent;
      }
      queue.removeFirst();
    }
    return Sent.YES;
  }

  private Sent sendFrame(List<Fd> descriptors) {
    int result = frame.sendWith(fd, descriptors);
    if (result >= 0) {
      return Sent.YES;
    }
    return Frame.isFull(result) ? Sent.FULL : Sent.GONE;
  }

  /**
   * Receives the next packet.
   *
   * @throws MalformedMessageException if it is none; the packet is gone, its descriptor closed
   */
  public Received receive() throws MalformedMessageException {
    int result = frame.receive(fd);
    if (result < 0) {
      return result == -Errno.EAGAIN || result == -Errno.EINTR ? EMPTY : END;
    }
    return result == 0 ? end() : packet();
  }

  /** Receives the first packet, waiting for it. */
  public Received receiveWaiting() throws MalformedMessageException {
    int result = frame.receiveWaiting(fd);
    return result > 0 ? packet() : result == 0 ? end() : END;
  }

  /** An empty packet looks like the end, and is as good as one; but it may carry a descriptor. */
  private End end() {
    frame.takeDescriptors().forEach(Fd::release);
    return END;
  }

  private Packet packet() throws MalformedMessageException {
    List<Fd> descriptors = frame.takeDescriptors();
    try {
      if (frame.truncated()) {
        throw new MalformedMessageException(
            "a packet of more than " + Message.MAX_PACKET + " bytes");
      }
      List<Message> messages = MessageCodec.read(frame.payload());
      Packet packet = new Packet(messages, descriptors, frame.descriptorLost());
      descriptors = List.of();
      return packet;
    } finally {
      descriptors.forEach(Fd::release);
    }
  }

  @Override
  public void close() {
    fd.close();
  }
}
