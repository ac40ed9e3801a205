package io.baton.posix;

import static io.baton.posix.LibC.C;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;

/** Sends what {@link Frame} never would: one byte with several descriptors. */
final class RawMessage {

  private RawMessage() {}

  static void send(Fd socket, Fd... descriptors) {
    int length = Frame.CMSGHDR_SIZE + descriptors.length * Integer.BYTES;
    int space = (length + Long.BYTES - 1) / Long.BYTES * Long.BYTES; // CMSG_SPACE
    int payload = Frame.CMSGHDR + space;
    Memory memory = new Memory(payload + 1);
    memory
        .bytes
        .putLong(Frame.MSGHDR_IOV, memory.address() + Frame.IOVEC)
        .putLong(Frame.MSGHDR_IOVLEN, 1)
        .putLong(Frame.MSGHDR_CONTROL, memory.address() + Frame.CMSGHDR)
        .putLong(Frame.MSGHDR_CONTROLLEN, space)
        .putLong(Frame.IOVEC + Frame.IOVEC_BASE, memory.address() + payload)
        .putLong(Frame.IOVEC + Frame.IOVEC_LEN, 1)
        .putLong(Frame.CMSGHDR + Frame.CMSGHDR_LEN, length)
        .putInt(Frame.CMSGHDR + Frame.CMSGHDR_LEVEL, Frame.SOL_SOCKET)
        .putInt(Frame.CMSGHDR + Frame.CMSGHDR_TYPE, Frame.SCM_RIGHTS);
    for (int i = 0; i < descriptors.length; i++) {
      memory.bytes.putInt(Frame.DESCRIPTORS + i * Integer.BYTES, descriptors[i].number());
    }
    try {
      assertThat(LibC.result(C.sendmsg(socket.number(), memory.pointer, 0))).isEqualTo(1);
    } finally {
      Reference.reachabilityFence(memory);
    }
  }
}
