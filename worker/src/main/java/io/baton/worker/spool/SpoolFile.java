package io.baton.worker.spool;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import org.jspecify.annotations.Nullable;

/** One body's file: written, then mapped. The spool's thread only. */
final class SpoolFile {
  private final Disk disk;
  private @Nullable FileChannel file;
  private @Nullable Arena arena;

  SpoolFile(Disk disk) {
    this.disk = disk;
  }

  /** Adds bytes to its end. */
  void write(ByteBuf bytes) throws IOException {
    FileChannel to = file;
    if (to == null) {
      to = disk.create();
      file = to;
    }
    for (ByteBuffer part : bytes.nioBuffers()) {
      while (part.hasRemaining()) {
        to.write(part);
      }
    }
  }

  /**
   * All that was written, as memory, read ahead so that the event loop does not wait for the disk.
   * The mapping outlives the descriptor, of which a process has less.
   */
  ByteBuffer map() throws IOException {
    FileChannel from = file;
    if (from == null) {
      throw new IOException("nothing was written");
    }
    Arena mapped = Arena.ofShared();
    arena = mapped;
    // Writable, because a write to a mapping that is not would end the process.
    MemorySegment all = from.map(MapMode.READ_WRITE, 0, from.size(), mapped);
    all.load();
    close(from);
    return all.asByteBuffer();
  }

  /** Lets go of the file, and of the memory, which nobody may use any more. May be repeated. */
  void close() {
    FileChannel open = file;
    if (open != null) {
      close(open);
    }
    Arena mapped = arena;
    if (mapped != null) {
      arena = null;
      mapped.close();
    }
  }

  private void close(FileChannel open) {
    file = null;
    try {
      open.close();
    } catch (IOException _) {
      // What was written late and failed now is not wanted any more, or is in memory.
    }
  }
}
