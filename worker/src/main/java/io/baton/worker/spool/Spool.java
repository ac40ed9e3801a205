package io.baton.worker.spool;

import io.baton.config.WorkerSettings;
import io.baton.log.RareLine;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of the disk that a worker may fill with bodies that are too large for memory. All that
 * touches a file runs on one thread of its own, never on the event loop.
 *
 * <p>What bodies may take is reserved before it is written, and given back when their file is gone.
 * Because each body reserves {@value #LEAST} bytes at least, that also bounds how many there are,
 * and so the files that are open and the jobs that wait for the thread: two of a body at most.
 */
public final class Spool {
  /** Keeps all bodies in memory. */
  public static final Spool NONE =
      new Spool(
          0,
          () -> {
            throw new IOException("nothing is spooled");
          },
          Runnable::run,
          System::nanoTime);

  static final long LEAST = 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

  private final long max;
  private final Disk disk;
  private final Executor thread;
  private final AtomicLong reserved = new AtomicLong();

  // On the event loop only.

  private long refused;
  private final RareLine line;

  /**
   * @param max bytes of all bodies together; 0: none has a place here
   * @param thread runs the jobs one after the other, in the order in which they come
   * @param nanos a clock
   */
  Spool(long max, Disk disk, Executor thread, LongSupplier nanos) {
    this.max = max;
    this.disk = disk;
    this.thread = thread;
    this.line = new RareLine(nanos);
  }

  /** A spool with a thread of its own. */
  public static Spool open(WorkerSettings.Spool settings) {
    if (settings.maxBytes() == 0) {
      return NONE;
    }
    Disk disk = new NamelessFiles(settings.directory());
    Executor thread =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("spool").factory());
    return new Spool(settings.maxBytes(), disk, thread, System::nanoTime);
  }

  /**
   * Tries whether files can be made. Not on the event loop.
   *
   * @throws IOException if not
   */
  public void probe() throws IOException {
    if (!isOff()) {
      disk.create().close();
    }
  }

  /** Whether no body has a place here. */
  public boolean isOff() {
    return max == 0;
  }

  /**
   * Reserves room for so many bytes, or some more. Any thread.
   *
   * @return how much was reserved; 0 if there was no room
   */
  public long reserve(long bytes) {
    long room = Math.max(bytes, LEAST);
    while (true) {
      long now = reserved.get();
      if (room > max - now) {
        return 0;
      }
      if (reserved.compareAndSet(now, now + room)) {
        return room;
      }
    }
  }

  SpoolFile newFile() {
    return new SpoolFile(disk);
  }

  /** Any thread. */
  void giveBack(long bytes) {
    reserved.addAndGet(-bytes);
  }

  void execute(Runnable job) {
    thread.execute(job);
  }

  /**
   * Counts a body that found no room, and tells the operator, but not each time. Event loop.
   *
   * @param why the disk's reason; null: the spool's own bound
   */
  public void refused(@Nullable Throwable why) {
    refused++;
    long times = line.due();
    if (times > 0) {
      LOG.warn(
          "a body too large for memory has no room on the disk and is answered with 503: {};"
              + " such answers since this was last logged: {}",
          why == null
              ? "%d of max-spooled = %d bytes are taken".formatted(reserved.get(), max)
              : why.toString(),
          times);
    }
  }

  /** What bodies take now, in bytes. Any thread. */
  public long bytes() {
    return reserved.get();
  }

  /** How many bodies found no room. Event loop. */
  public long refusals() {
    return refused;
  }
}
