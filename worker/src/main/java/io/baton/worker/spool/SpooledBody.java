package io.baton.worker.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way into a file: one batch is being written while the next one fills. Event loop
 * only.
 *
 * <pre>
 *   event loop:   add ──► batch fills ─┐            ┌──► room()          end ──► ...──► whole(content)
 *   spool thread:                      └─► written ─┘                         mapped ─┘
 * </pre>
 *
 * <p>Its owner is told at most once of {@code whole} or {@code failed}, and of nothing after {@link
 * #close}.
 */
public final class SpooledBody {
  /** Who waits for it. Told on the event loop. */
  public interface Owner {
    /** A part of it is written: less of it is in memory. */
    void written();

    /** It may be given more again, after {@link SpooledBody#isFull}. */
    void room();

    /** It is all there; the content is the owner's to release. */
    void whole(ByteBuf content);

    /** The disk did not take it. The body is closed. */
    void failed(Throwable why);
  }

  /** So much makes a write worth its while. */
  static final int BATCH = 16 * 1024;

  /** With so much waiting for the disk it is full, until the disk has caught up. */
  static final int FULL = 64 * 1024;

  /** In memory at most, if no piece has more than {@link #FULL}: two batches, full and one more. */
  public static final int MOST_HELD = 4 * FULL;

  private final Spool spool;
  private final SpoolFile file;
  private final Executor loop;
  private final ByteBufAllocator alloc;
  private final Owner owner;
  private long reserved;
  private long length;
  private @Nullable ByteBuf batch;

  /** The batch that is to be written next, until its job takes it, or the body is closed. */
  private final AtomicReference<@Nullable ByteBuf> handedOver = new AtomicReference<>();

  private int writing;
  private boolean busy;
  private boolean full;
  private boolean ended;
  private boolean closed;

  /**
   * @param reserved what the spool has reserved for it
   * @param loop the event loop
   * @param owner is told what becomes of it, later
   */
  public SpooledBody(
      Spool spool, long reserved, Executor loop, ByteBufAllocator alloc, Owner owner) {
    this.spool = spool;
    this.file = spool.newFile();
    this.reserved = reserved;
    this.loop = loop;
    this.alloc = alloc;
    this.owner = owner;
  }

  /** Bytes that it was given. */
  public long length() {
    return length;
  }

  /** Bytes of memory that it has now. */
  public int held() {
    return writing + (batch == null ? 0 : batch.capacity());
  }

  /**
   * Takes what was collected before the first piece; there was room for it.
   *
   * @param collected its own from now on
   */
  public void addFirst(ByteBuf collected) {
    length = collected.readableBytes();
    batch = collected;
    write();
  }

  /**
   * Copies the next piece, which stays the caller's.
   *
   * @return false if there is no room for it; the body is to be closed then
   */
  public boolean add(ByteBuf piece) {
    int bytes = piece.readableBytes();
    if (length + bytes > reserved) {
      long more = spool.reserve(length + bytes - reserved);
      if (more == 0) {
        return false;
      }
      reserved += more;
    }
    length += bytes;
    ByteBuf to = batch;
    if (to == null) {
      to = alloc.buffer(Math.max(bytes, BATCH));
      batch = to;
    }
    to.writeBytes(piece);
    if (!busy && to.readableBytes() >= BATCH) {
      write();
    }
    return true;
  }

  /** Whether it must not be given more until its owner is told that there is room. */
  public boolean isFull() {
    full = busy && batch != null && batch.readableBytes() >= FULL;
    return full;
  }

  /** Nothing is added any more. */
  public void end() {
    ended = true;
    if (!busy) {
      goOn();
    }
  }

  /** Nobody wants it any more. Does nothing once it was handed over as whole. */
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    ReferenceCountUtil.release(batch);
    batch = null;
    // However long the disk takes, no memory waits for it whose connection is gone.
    ReferenceCountUtil.release(handedOver.getAndSet(null));
    long room = reserved;
    spool.execute(() -> {
      file.close();
      spool.giveBack(room);
    });
  }

  /**
   * Any thread: the content is not used any more. Its room is free at once, because what is written
   * later is written after this file is gone.
   */
  private void unmap(long room) {
    spool.execute(file::close);
    spool.giveBack(room);
  }

  private void write() {
    ByteBuf next = batch;
    if (next == null) {
      return;
    }
    batch = null;
    writing = next.capacity();
    handedOver.set(next);
    submit(() -> {
      ByteBuf taken = handedOver.getAndSet(null);
      if (taken != null) {
        try {
          file.write(taken);
        } finally {
          taken.release();
        }
      }
      return this::goOn;
    });
  }

  private void map() {
    long room = reserved;
    submit(() -> {
      ByteBuffer mapped = file.map();
      return () -> {
        closed = true; // the rest is the content's
        owner.whole(new MappedBody(alloc, mapped, () -> unmap(room)).asReadOnly());
      };
    });
  }

  /** What to do on the event loop once a job is done. */
  @FunctionalInterface
  private interface Job {
    Runnable run() throws Exception;
  }

  private void submit(Job job) {
    busy = true;
    spool.execute(() -> {
      Runnable next;
      try {
        next = job.run();
      } catch (Throwable t) { // whatever it is: without an answer its session would wait for ever
        next = () -> fail(t);
      }
      Runnable done = next;
      try {
        loop.execute(() -> done(done));
      } catch (RejectedExecutionException _) {
        // The loop has ended, and with it the session; what is left ends with the process.
      }
    });
  }

  private void done(Runnable next) {
    busy = false;
    writing = 0;
    if (!closed) {
      owner.written();
      next.run();
    }
  }

  private void fail(Throwable why) {
    close();
    owner.failed(why);
  }

  private void goOn() {
    if (batch != null && (ended || batch.readableBytes() >= BATCH)) {
      write();
    } else if (ended) {
      map();
    }
    if (full && !ended && !closed) {
      full = false;
      owner.room();
    }
  }
}
