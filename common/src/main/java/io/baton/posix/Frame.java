package io.baton.posix;

import static io.baton.posix.LibC.C;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One reusable {@code struct msghdr} with its vector, control block and payload, for {@code
 * sendmsg} and {@code recvmsg} with some descriptors (SCM_RIGHTS, unix(7), cmsg(3)). All of it lies
 * in one native block that this object keeps alive, so nothing is allocated per message and the
 * garbage collector cannot move or free what the kernel reads.
 *
 * <pre>
 *   0  msghdr   56   name*, namelen, iov*, iovlen, control*, controllen, flags
 *  56  iovec    16   base*, length
 *  72  cmsghdr  16   len, level, type
 *  88  int[16]  64   the descriptors
 * 152  payload
 * </pre>
 *
 * <p>Never blocks (MSG_DONTWAIT), except {@link #receiveWaiting}. Not thread safe.
 */
public final class Frame {
  /** No message has more. */
  public static final int MAX_DESCRIPTORS = 16;

  private static final int IOV = 56;
  private static final int CONTROL = 72;
  private static final int DESCRIPTOR = 88;
  private static final int PAYLOAD = 152;

  private static final int CMSG_HEADER = 16;
  private static final int CMSG_SPACE = CMSG_HEADER + MAX_DESCRIPTORS * Integer.BYTES;

  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

  private final Memory memory;
  private final ByteBuffer header;
  private final ByteBuffer payload;
  private int flags;

  public Frame(int payloadSize) {
    memory = new Memory(PAYLOAD + payloadSize);
    header = memory.bytes;
    payload = header.slice(PAYLOAD, payloadSize).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(16, memory.address() + IOV);
    header.putLong(24, 1);
    header.putLong(IOV, memory.address() + PAYLOAD);
  }

  /**
   * Cleared for writing before a send; holds what arrived, position 0 to limit, after a receive.
   */
  public ByteBuffer payload() {
    return payload;
  }

  /** Sends the payload from 0 to its position, with a copy of the descriptor unless it is null. */
  public int send(Fd socket, @Nullable Fd descriptor) {
    return sendWith(socket, descriptor == null ? List.of() : List.of(descriptor));
  }

  /**
   * Sends the payload from 0 to its position.
   *
   * @param descriptors go along as copies; {@value #MAX_DESCRIPTORS} at most
   * @return bytes sent, or a negative error number
   */
  public int sendWith(Fd socket, List<Fd> descriptors) {
    if (descriptors.size() > MAX_DESCRIPTORS) {
      throw new IllegalArgumentException(descriptors.size() + " descriptors in a message");
    }
    header.putLong(IOV + 8, payload.position());
    if (descriptors.isEmpty()) {
      header.putLong(32, 0);
      header.putLong(40, 0);
    } else {
      header.putLong(32, memory.address() + CONTROL);
      long length = CMSG_HEADER + (long) descriptors.size() * Integer.BYTES;
      header.putLong(40, length);
      header.putLong(CONTROL, length);
      header.putInt(CONTROL + 8, SOL_SOCKET);
      header.putInt(CONTROL + 12, SCM_RIGHTS);
      for (int i = 0; i < descriptors.size(); i++) {
        header.putInt(DESCRIPTOR + i * Integer.BYTES, descriptors.get(i).number());
      }
    }
    try {
      return LibC.result(C.sendmsg(socket.number(), memory.pointer, MSG_DONTWAIT | MSG_NOSIGNAL));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Receives one message. Descriptors that came along are the caller's from {@link
   * #takeDescriptors()} on, which must be called after every successful receive.
   *
   * @return bytes received, 0 at the end, or a negative error number
   */
  public int receive(Fd socket) {
    return receive(socket, MSG_DONTWAIT);
  }

  /** As {@link #receive}, waiting for a message. */
  public int receiveWaiting(Fd socket) {
    int n;
    do {
      n = receive(socket, 0);
    } while (n == -Errno.EINTR);
    return n;
  }

  private int receive(Fd socket, int wait) {
    payload.clear();
    header.putLong(IOV + 8, payload.capacity());
    header.putLong(32, memory.address() + CONTROL);
    header.putLong(40, CMSG_SPACE);
    header.putLong(CONTROL, 0);
    header.putInt(48, 0);
    try {
      int n = LibC.result(C.recvmsg(socket.number(), memory.pointer, wait | MSG_CMSG_CLOEXEC));
      flags = header.getInt(48);
      payload.limit(Math.max(0, n));
      return n;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** The descriptors that came with the message just received, in the order they were sent. */
  public List<Fd> takeDescriptors() {
    long length = Math.min(header.getLong(40), header.getLong(CONTROL));
    boolean rights =
        length > CMSG_HEADER
            && header.getInt(CONTROL + 8) == SOL_SOCKET
            && header.getInt(CONTROL + 12) == SCM_RIGHTS;
    if (!rights) {
      return List.of();
    }
    header.putLong(40, 0);
    int count = (int) (length - CMSG_HEADER) / Integer.BYTES;
    Fd first = Fd.owning(header.getInt(DESCRIPTOR));
    if (count == 1) {
      return List.of(first);
    }
    List<Fd> all = new ArrayList<>(count);
    all.add(first);
    for (int i = 1; i < count; i++) {
      all.add(Fd.owning(header.getInt(DESCRIPTOR + i * Integer.BYTES)));
    }
    return all;
  }

  /** The message was longer than the payload buffer; the rest is lost. */
  public boolean truncated() {
    return (flags & MSG_TRUNC) != 0;
  }

  /** A descriptor was sent along but could not be received: this process is out of descriptors. */
  public boolean descriptorLost() {
    return (flags & MSG_CTRUNC) != 0;
  }
}
