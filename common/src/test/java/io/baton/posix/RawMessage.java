package io.baton.posix;

import static io.baton.posix.LibC.C;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;

/** Sends what {@link Frame} never would: one byte with several descriptors. */
final class RawMessage {

  private RawMessage() {}

  static void send(Fd socket, Fd... descriptors) {
    int control = 16 + (descriptors.length * 4 + 7) / 8 * 8;
    Memory memory = new Memory(72 + control + 8);
    memory
        .bytes
        .putLong(16, memory.address() + 56)
        .putLong(24, 1)
        .putLong(32, memory.address() + 72)
        .putLong(40, control)
        .putLong(56, memory.address() + 72 + control)
        .putLong(64, 1)
        .putLong(72, 16 + descriptors.length * 4L)
        .putInt(80, 1) // SOL_SOCKET
        .putInt(84, 1); // SCM_RIGHTS
    for (int i = 0; i < descriptors.length; i++) {
      memory.bytes.putInt(88 + 4 * i, descriptors[i].number());
    }
    try {
      assertThat(LibC.result(C.sendmsg(socket.number(), memory.pointer, 0))).isEqualTo(1);
    } finally {
      Reference.reachabilityFence(memory);
    }
  }
}
