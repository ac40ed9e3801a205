package io.baton.worker.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A body that is a mapped file. It is memory of the kernel's, which takes it back when it is short,
 * not of ours.
 */
public final class MappedBody extends UnpooledDirectByteBuf {
  private static final ResourceLeakDetector<MappedBody> LEAKS =
      ResourceLeakDetectorFactory.instance().newResourceLeakDetector(MappedBody.class);

  private final Runnable unmap;
  private final @Nullable ResourceLeakTracker<MappedBody> leak = LEAKS.track(this);

  /**
   * @param unmap called when nobody uses it any more, by whoever was the last
   */
  MappedBody(ByteBufAllocator alloc, ByteBuffer mapped, Runnable unmap) {
    super(alloc, mapped, mapped.remaining());
    this.unmap = unmap;
  }

  /** Whether the content is, or is a view of, a mapped file. */
  public static boolean isBehind(ByteBuf content) {
    for (ByteBuf each = content; each != null; each = each.unwrap()) {
      if (each instanceof MappedBody) {
        return true;
      }
    }
    return false;
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    if (leak != null) {
      leak.close(this);
    }
    unmap.run();
  }
}
