package io.baton.posix;

import static io.baton.posix.LibC.C;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message for {@code sendmsg} and {@code recvmsg} with its payload and some descriptors
 * (SCM_RIGHTS, unix(7), cmsg(3)), to be used again and again. All of it lies in one native block
 * that this object keeps alive, so nothing is allocated per message and the garbage collector
 * cannot move or free what the kernel reads.
 *
 * <p>The block holds these structures one after the other, as the 64-bit kernel lays them out
 * (recvmsg(2), cmsg(3); the same on x86_64 and aarch64). A gap is padding.
 *
 * <pre>
 *   struct msghdr          56 bytes       struct iovec          16 bytes
 *     0  void*  name                        0  void*  base
 *     8  u32    namelen                     8  size_t len
 *    16  iovec* iov
 *    24  size_t iovlen                    struct cmsghdr        16 bytes
 *    32  void*  control                     0  size_t len
 *    40  size_t controllen                  8  int    level
 *    48  int    flags                      12  int    type
 *
 *   int[MAX_DESCRIPTORS]   the descriptors, the data of the cmsghdr
 *   byte[]                 the payload
 * </pre>
 *
 * <p>Never blocks (MSG_DONTWAIT), except {@link #receiveWaiting}. Not thread safe.
 */
public final class Frame {
  /** Most descriptors in a message. */
  public static final int MAX_DESCRIPTORS = 16;

  // Offsets in struct msghdr.
  static final int MSGHDR_IOV = 16;
  static final int MSGHDR_IOVLEN = 24;
  static final int MSGHDR_CONTROL = 32;
  static final int MSGHDR_CONTROLLEN = 40;
  static final int MSGHDR_FLAGS = 48;
  static final int MSGHDR_SIZE = 56;

  // Offsets in struct iovec.
  static final int IOVEC_BASE = 0;
  static final int IOVEC_LEN = 8;
  static final int IOVEC_SIZE = 16;

  // Offsets in struct cmsghdr.
  static final int CMSGHDR_LEN = 0;
  static final int CMSGHDR_LEVEL = 8;
  static final int CMSGHDR_TYPE = 12;
  static final int CMSGHDR_SIZE = 16;

  // Where each structure begins in the block. The msghdr is at 0.
  static final int IOVEC = MSGHDR_SIZE;
  static final int CMSGHDR = IOVEC + IOVEC_SIZE;
  static final int DESCRIPTORS = CMSGHDR + CMSGHDR_SIZE;
  private static final int PAYLOAD = DESCRIPTORS + MAX_DESCRIPTORS * Integer.BYTES;

  static final int SOL_SOCKET = 1;
  static final int SCM_RIGHTS = 1;
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
    header.putLong(MSGHDR_IOV, memory.address() + IOVEC);
    header.putLong(MSGHDR_IOVLEN, 1);
    header.putLong(IOVEC + IOVEC_BASE, memory.address() + PAYLOAD);
  }

  /**
   * Returns the payload: to be cleared and written before a send; after a receive it holds what
   * arrived, from position 0 to the limit.
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
    header.putLong(IOVEC + IOVEC_LEN, payload.position());
    if (descriptors.isEmpty()) {
      header.putLong(MSGHDR_CONTROL, 0);
      header.putLong(MSGHDR_CONTROLLEN, 0);
    } else {
      long length = controlLength(descriptors.size());
      header.putLong(MSGHDR_CONTROL, memory.address() + CMSGHDR);
      header.putLong(MSGHDR_CONTROLLEN, length);
      header.putLong(CMSGHDR + CMSGHDR_LEN, length);
      header.putInt(CMSGHDR + CMSGHDR_LEVEL, SOL_SOCKET);
      header.putInt(CMSGHDR + CMSGHDR_TYPE, SCM_RIGHTS);
      for (int i = 0; i < descriptors.size(); i++) {
        header.putInt(offsetOfDescriptor(i), descriptors.get(i).number());
      }
    }
    try {
      return LibC.result(C.sendmsg(socket.number(), memory.pointer, MSG_DONTWAIT | MSG_NOSIGNAL));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Whether what could not be sent may be sent later: the socket is full, or the kernel has no
   * memory for it, or too many descriptors are under way.
   *
   * @param result of {@link #sendWith}, negative
   */
  public static boolean isFull(int result) {
    return result == -Errno.EAGAIN
        || result == -Errno.EINTR
        || result == -Errno.ENOBUFS
        || result == -Errno.ENOMEM
        || result == -Errno.ETOOMANYREFS;
  }

  /**
   * Receives one message. Descriptors that came along are the caller's from {@link
   * #takeDescriptors()} on, which must be called after every successful receive.
   *
   * @return bytes received, 0 at the end, or a negative error number
   */
  public int receive(Fd socket) {
    int n = receive(socket, MSG_DONTWAIT);
    // A peer that died with unread messages yields ECONNRESET once, then its own last messages.
    return n == -Errno.ECONNRESET ? receive(socket, MSG_DONTWAIT) : n;
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
    header.putLong(IOVEC + IOVEC_LEN, payload.capacity());
    header.putLong(MSGHDR_CONTROL, memory.address() + CMSGHDR);
    header.putLong(MSGHDR_CONTROLLEN, controlLength(MAX_DESCRIPTORS));
    header.putLong(CMSGHDR + CMSGHDR_LEN, 0);
    header.putInt(MSGHDR_FLAGS, 0);
    try {
      int n = LibC.result(C.recvmsg(socket.number(), memory.pointer, wait | MSG_CMSG_CLOEXEC));
      flags = header.getInt(MSGHDR_FLAGS);
      payload.limit(Math.max(0, n));
      return n;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Returns the descriptors that came with the message just received, in the order they were sent.
   */
  public List<Fd> takeDescriptors() {
    long length =
        Math.min(header.getLong(MSGHDR_CONTROLLEN), header.getLong(CMSGHDR + CMSGHDR_LEN));
    boolean rights =
        length > controlLength(0)
            && header.getInt(CMSGHDR + CMSGHDR_LEVEL) == SOL_SOCKET
            && header.getInt(CMSGHDR + CMSGHDR_TYPE) == SCM_RIGHTS;
    if (!rights) {
      return List.of();
    }
    header.putLong(MSGHDR_CONTROLLEN, 0);
    int count = (int) (length - controlLength(0)) / Integer.BYTES;
    if (count == 1) {
      return List.of(descriptor(0));
    }
    List<Fd> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(descriptor(i));
    }
    return all;
  }

  private Fd descriptor(int index) {
    return Fd.owning(header.getInt(offsetOfDescriptor(index)));
  }

  private static int offsetOfDescriptor(int index) {
    return DESCRIPTORS + index * Integer.BYTES;
  }

  /** The control block's length with so many descriptors (CMSG_LEN). */
  private static long controlLength(int descriptors) {
    return CMSGHDR_SIZE + (long) descriptors * Integer.BYTES;
  }

  /** Whether the message was longer than the payload buffer; the rest is lost. */
  public boolean truncated() {
    return (flags & MSG_TRUNC) != 0;
  }

  /**
   * Whether a descriptor was sent along but could not be received, because this process is out of
   * descriptors or there were more than {@value #MAX_DESCRIPTORS}.
   */
  public boolean descriptorLost() {
    return (flags & MSG_CTRUNC) != 0;
  }
}
