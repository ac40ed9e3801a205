package io.baton.link.client;

import io.baton.link.core.LinkCore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The writing half of a session: takes frames from the core and writes them to the connection that
 * there is. One thread writes at a time, without the lock.
 *
 * <p>Threads of the user never write; they {@linkplain #wake wake} the writer thread. What a
 * callback sends is written by the handler's thread {@linkplain #flush once it has no event left},
 * or by the writer after {@value #LINGER_MS} ms if callbacks take longer. So that this needs no
 * wake-up for each callback, the writer looks again by itself for a while after each.
 *
 * <p>A connection that fails is closed, which its reader notices.
 */
final class SessionWriter {
  static final long LINGER_MS = 5;
  static final int BUFFER_BYTES = 32 * 1024;

  private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(LINGER_MS);
  private static final long ATTENTIVE_NANOS = 10 * LINGER_NANOS;
  private static final long GRANT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final ReentrantLock lock;
  private final Condition output;
  private final ClientClock clock;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

  private @Nullable LinkCore core;
  private @Nullable LinkConnection connection;
  private boolean writing;

  /** There is something to write, and the writer is to do it. */
  private boolean asked;

  /** There is something to write, and the handler's thread will do it if it is soon done. */
  private boolean soon;

  private boolean saidSoon;
  private long lastSoonNanos;
  private boolean grantPending;
  private long grantByNanos;
  private boolean finishing;

  /** How long the writer sleeps at most; 0 while it is awake. */
  private long sleepNanos;

  SessionWriter(ReentrantLock lock, ClientClock clock) {
    this.lock = lock;
    this.output = lock.newCondition();
    this.clock = clock;
  }

  // ---- with the lock held ----

  /** Writes to this connection from here on. */
  void attach(LinkCore core, LinkConnection connection) {
    this.core = core;
    this.connection = connection;
    wake();
  }

  /** Writes to no connection until the next one is attached. */
  void detach() {
    connection = null;
  }

  /** Has the writer thread write what there is. */
  void wake() {
    asked = true;
    output.signal();
  }

  /** Notes that a callback has sent something. */
  void wakeSoon() {
    soon = true;
    saidSoon = true;
    lastSoonNanos = clock.nanos();
    if (sleepNanos > LINGER_NANOS) {
      output.signal();
    }
  }

  /** Notes that something was consumed, which the other side has to hear of in time. */
  void consumed() {
    if (sleepNanos > GRANT_NANOS && core != null && core.hasUngranted()) {
      output.signal();
    }
  }

  /** Has the writer write the rest, close the connection and end. */
  void finish() {
    finishing = true;
    wake();
  }

  /** Writes what callbacks have sent; called by the handler's thread. Returns if it did. */
  boolean flush() {
    if (!soon) {
      return false;
    }
    soon = false;
    if (writing) {
      asked = true; // The thread that writes goes on until there is nothing.
    } else {
      write(1);
    }
    return true;
  }

  // ---- the writer's thread, with the lock held while it does not write ----

  /** Writes until the session is finished: what the session's writer thread does. */
  void run() {
    try {
      while (!finishing || writing || (asked && connection != null)) {
        if (asked && !writing && connection != null) {
          asked = false;
          soon = false;
          write(Integer.MAX_VALUE);
        } else {
          sleep();
        }
      }
      if (connection != null) {
        connection.close();
      }
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts a session's own thread", e);
    }
  }

  private void sleep() throws InterruptedException {
    long since = clock.nanos();
    boolean soonBefore = soon;
    sleepNanos = patience(since);
    clock.await(output, sleepNanos);
    sleepNanos = 0;
    long now = clock.nanos();
    if (soon && soonBefore && now - since >= LINGER_NANOS) {
      asked = true;
    }
    if (isUngranted() && grantPending && now - grantByNanos >= 0) {
      Objects.requireNonNull(core).grantAll();
      grantPending = false;
      asked = true;
    }
  }

  /** Returns how long there is nothing to do, if nobody asks. */
  private long patience(long now) {
    if (!isUngranted()) {
      grantPending = false;
    } else if (!grantPending) {
      grantPending = true;
      grantByNanos = now + GRANT_NANOS;
    }
    boolean attentive = soon || (saidSoon && now - lastSoonNanos < ATTENTIVE_NANOS);
    if (attentive) {
      return LINGER_NANOS;
    }
    return grantPending ? Math.max(1, grantByNanos - now) : Long.MAX_VALUE;
  }

  private boolean isUngranted() {
    return connection != null && core != null && core.hasUngranted();
  }

  /** Writes what there is, in at most so many pieces; the lock is free while a piece is written. */
  private void write(int pieces) {
    writing = true;
    try {
      for (int i = 0; i < pieces && core != null && connection != null; i++) {
        if (core.write(buffer.clear()) == 0) {
          return;
        }
        int written = buffer.position();
        writePiece(connection);
        if (written > BUFFER_BYTES / 2 && i == pieces - 1) {
          asked = true; // There may be more.
        }
      }
    } finally {
      writing = false;
      if (asked) {
        output.signal(); // The writer may have waited for this thread to stop writing.
      }
    }
  }

  private void writePiece(LinkConnection to) {
    boolean written = false;
    lock.unlock();
    try {
      to.write(buffer.flip());
      written = true;
    } catch (IOException e) {
      to.close();
    } finally {
      lock.lock();
    }
    if (!written && to.equals(connection)) {
      connection = null;
    }
  }
}
