package io.baton.worker.memory;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * The process's memory outside of the heap. Netty takes its buffers by itself and counts them; what
 * services take with {@code ByteBuffer.allocateDirect} the JVM counts. Each of the two may take as
 * much as {@code -XX:MaxDirectMemorySize} says, or else {@code -Xmx}. Any thread.
 */
public final class DirectMemory {
  private static final String POOL = "direct";

  private final BufferPoolMXBean others =
      ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
          .filter(pool -> pool.getName().equals(POOL))
          .findFirst()
          .orElseThrow();

  /** How much is used, in bytes, by the one of the two that uses more. */
  public long used() {
    return Math.max(0, Math.max(PlatformDependent.usedDirectMemory(), others.getMemoryUsed()));
  }

  /** What each of the two may use, in bytes. */
  public long limit() {
    return PlatformDependent.maxDirectMemory();
  }
}
