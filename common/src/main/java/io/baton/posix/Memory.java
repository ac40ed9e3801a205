package io.baton.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.Pointer;

/** Native memory seen as a buffer by us and as an address by C; lives as long as this object. */
final class Memory {
  final ByteBuffer bytes;
  final Pointer pointer;

  Memory(int size) {
    // Direct buffers are 8-byte aligned, which is all that the structures here ask for.
    bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    pointer = Pointer.wrap(LibC.RUNTIME, bytes);
  }

  long address() {
    return pointer.address();
  }
}
