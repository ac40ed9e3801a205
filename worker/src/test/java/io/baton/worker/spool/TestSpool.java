package io.baton.worker.spool;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/** A spool whose disk works when it is told to, on the test's own thread. */
public final class TestSpool {
  /** The device that is always full. */
  private static final Disk FULL =
      () -> FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE);

  private static final Disk WORKING =
      new NamelessFiles(Path.of(System.getProperty("java.io.tmpdir")));

  private final Deque<Runnable> jobs = new ArrayDeque<>();
  private long now;
  private boolean full;
  public final Spool spool;

  public TestSpool(long max) {
    spool = new Spool(max, () -> (full ? FULL : WORKING).create(), jobs::add, () -> now);
  }

  /** One that is done with each job at once. */
  public static Spool prompt() {
    return new Spool(Long.MAX_VALUE, WORKING, Runnable::run, System::nanoTime);
  }

  /** From now on nothing can be written. */
  public void fill() {
    full = true;
  }

  /** Does what waits for the disk. */
  public void work() {
    for (Runnable job = jobs.poll(); job != null; job = jobs.poll()) {
      job.run();
    }
  }

  /** Does the next of the jobs that wait. */
  public void workOnce() {
    jobs.remove().run();
  }

  public int jobs() {
    return jobs.size();
  }
}
