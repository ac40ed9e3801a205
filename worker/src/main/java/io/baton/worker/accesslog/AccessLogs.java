package io.baton.worker.accesslog;

import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.EventTranslatorTwoArg;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.YieldingWaitStrategy;
import io.baton.config.Settings;
import io.baton.log.RareLine;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access logs of a worker's listeners, with the one thread that writes them. Entries wait for
 * it in a ring of {@value #SIZE}; one that finds the ring full is dropped and counted, and so is a
 * line that cannot be written.
 *
 * <pre>
 *   add ──► ring ──► thread "access-log": text, in batches ──► log-dir/access-LISTENER.log
 * </pre>
 */
public final class AccessLogs implements AutoCloseable {
  /** A power of two. */
  static final int SIZE = 8192;

  /** Lines are written together that come within this time. */
  private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** A longer text is written at once. */
  private static final int BATCH = 64 * 1024;

  private static final long CLOSE_MS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(AccessLogs.class);

  private static final EventTranslatorTwoArg<Waiting, Target, AccessEntry> PUT =
      (waiting, _, target, entry) -> waiting.set(target, entry);

  private final Map<String, Target> targets = new LinkedHashMap<>();
  private final AtomicLong dropped = new AtomicLong();
  private final RareLine failures = new RareLine(System::nanoTime);
  private final RingBuffer<Waiting> ring;
  private final EventPoller<Waiting> poller;
  private final @Nullable Thread thread;
  private long droppedSaid;
  private volatile boolean idle;
  private volatile boolean reopens;
  private volatile boolean closed;

  /**
   * Makes logs whose thread does not run.
   *
   * @param zone of the times in combined lines
   */
  AccessLogs(List<Settings.Listener> listeners, Path directory, int slot, ZoneId zone) {
    for (Settings.Listener each : listeners) {
      LineFormat format =
          switch (each.options().accessLog()) {
            case OFF -> null;
            case COMBINED -> new CombinedFormat(zone);
            case JSON -> new JsonFormat(slot);
          };
      if (format != null) {
        Path file = directory.resolve("access-" + each.name() + ".log");
        targets.put(each.name(), new Target(new AccessLogFile(file), format));
      }
    }
    int size = targets.isEmpty() ? 1 : SIZE;
    ring = RingBuffer.createMultiProducer(Waiting::new, size, new YieldingWaitStrategy());
    poller = ring.newPoller();
    ring.addGatingSequences(poller.getSequence());
    thread =
        targets.isEmpty()
            ? null
            : Thread.ofPlatform().daemon().name("access-log").unstarted(this::run);
  }

  /** Returns logs of listeners that have none. */
  public static AccessLogs none() {
    return new AccessLogs(List.of(), Path.of(""), 0, ZoneId.systemDefault());
  }

  /**
   * Opens the logs of those listeners that have one.
   *
   * @param slot of this worker
   */
  public static AccessLogs open(List<Settings.Listener> listeners, Path directory, int slot) {
    AccessLogs logs = new AccessLogs(listeners, directory, slot, ZoneId.systemDefault());
    logs.reopen();
    if (logs.thread != null) {
      logs.thread.start();
    }
    return logs;
  }

  /** Returns the log of a listener, which may be off. */
  public AccessLog of(String listener) {
    Target target = targets.get(listener);
    return target == null ? AccessLog.OFF : target;
  }

  /** Returns how many lines were dropped. */
  public long dropped() {
    return dropped.get();
  }

  /** Has the files opened anew, under their own names. */
  public void reopen() {
    reopens = true;
    wake();
  }

  /** Writes what waits, within a second, and ends. */
  @Override
  public void close() {
    closed = true;
    wake();
    if (thread != null) {
      try {
        thread.join(CLOSE_MS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void wake() {
    LockSupport.unpark(thread);
  }

  // ---- the thread ----

  private void run() {
    boolean last = false;
    while (!last) {
      last = closed;
      turn();
      if (!last) {
        await();
      }
    }
    targets.values().forEach(each -> each.file.close());
  }

  /** Writes all that waits. */
  void turn() {
    if (reopens) {
      reopens = false;
      targets.values().forEach(Target::reopen);
    }
    poll();
    targets.values().forEach(Target::write);
    sayDropped();
  }

  private void poll() {
    try {
      EventPoller.PollState state = EventPoller.PollState.PROCESSING;
      while (state == EventPoller.PollState.PROCESSING) {
        state =
            poller.poll((waiting, _, _) -> {
              waiting.take();
              return true;
            });
      }
    } catch (Exception e) {
      throw new IllegalStateException(e); // nothing in there throws
    }
  }

  /** Waits for the next line, and a moment longer for more to write with it. */
  private void await() {
    idle = true;
    VarHandle.fullFence(); // whoever adds a line now sees that, or is seen
    boolean nothing = ring.getCursor() == poller.getSequence().get();
    if (nothing && !closed && !reopens) {
      LockSupport.park(this);
    }
    idle = false;
    if (!closed && !reopens) {
      LockSupport.parkNanos(this, GATHER_NANOS);
    }
  }

  private void sayDropped() {
    long now = dropped.get();
    if (now > droppedSaid && failures.due() > 0) {
      LOG.warn(
          "access log: {} lines were dropped, because they came faster than they could be written,"
              + " or the file could not be written; service goes on",
          now - droppedSaid);
      droppedSaid = now;
    }
  }

  /** A place of the ring. */
  private static final class Waiting {
    private @Nullable Target target;
    private @Nullable AccessEntry entry;

    void set(Target to, AccessEntry its) {
      target = to;
      entry = its;
    }

    void take() {
      Target to = target;
      AccessEntry its = entry;
      target = null;
      entry = null;
      if (to != null && its != null) {
        to.append(its);
      }
    }
  }

  /** The log of one listener. */
  private final class Target implements AccessLog {
    private final AccessLogFile file;
    private final LineFormat format;
    private final StringBuilder text = new StringBuilder();
    private int lines;
    private boolean failed;

    Target(AccessLogFile file, LineFormat format) {
      this.file = file;
      this.format = format;
    }

    @Override
    public boolean isOn() {
      return true;
    }

    @Override
    public void add(AccessEntry entry) {
      if (!ring.tryPublishEvent(PUT, this, entry)) {
        dropped.incrementAndGet();
      } else if (idle) {
        wake();
      }
    }

    void append(AccessEntry entry) {
      format.append(entry, text);
      lines++;
      if (text.length() >= BATCH) {
        write();
      }
    }

    void write() {
      if (lines == 0) {
        return;
      }
      ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII));
      try {
        file.write(bytes);
        failed = false;
      } catch (IOException e) {
        dropped.addAndGet(lost(bytes));
        complain(e);
      }
      lines = 0;
      text.setLength(0);
    }

    private long lost(ByteBuffer rest) {
      long breaks = 0;
      while (rest.hasRemaining()) {
        breaks += rest.get() == '\n' ? 1 : 0;
      }
      return breaks;
    }

    void reopen() {
      try {
        file.reopen();
        failed = false;
      } catch (IOException e) {
        complain(e);
      }
    }

    private void complain(IOException why) {
      if (!failed) {
        LOG.error(
            "access log: {} cannot be written, its lines are dropped: {}",
            file.path(),
            why.toString());
      }
      failed = true;
    }
  }
}
