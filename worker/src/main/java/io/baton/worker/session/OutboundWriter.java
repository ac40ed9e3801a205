package io.baton.worker.session;

import io.baton.worker.channel.Unsent;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;

/**
 * The output of one carrier: writes messages and batches their flushes. What is written while a
 * read is handed out, while a callback runs, or by other threads in a row, is flushed together,
 * with one system call for all of it.
 */
final class OutboundWriter implements SessionOutput {
  /** What a writer tells its session. */
  interface Listener {
    /** What could be sent is with the kernel; what could not waits for the client. */
    void flushed();

    /** The codec keeps back more than the high-water mark, or no more than the low one again. */
    default void writabilityChanged() {}
  }

  private final Channel channel;
  private final Listener listener;
  private boolean reading;
  private boolean unflushed;
  private int batches;

  /** Bytes that the codec keeps back. */
  private volatile long keptBack;

  /** They are more than the high-water mark, or have been and are more than the low one. */
  private volatile boolean full;

  OutboundWriter(Channel channel, Listener listener) {
    this.channel = channel;
    this.listener = listener;
  }

  /** Messages of one read are handed out from now on, until {@link #readComplete}. */
  void reading() {
    reading = true;
  }

  boolean isReading() {
    return reading;
  }

  void readComplete() {
    reading = false;
    flushUnlessBatched();
  }

  @Override
  public void beginBatch() {
    batches++;
  }

  @Override
  public void endBatch() {
    batches--;
    flushUnlessBatched();
  }

  @Override
  public boolean write(Object message) {
    unflushed = true;
    // A failure comes back as an exception through the pipeline.
    var _ = channel.write(message, channel.voidPromise());
    flushUnlessBatched();
    return true;
  }

  private void flushUnlessBatched() {
    if (!reading && batches == 0) {
      flush();
    }
  }

  @Override
  public void flush() {
    if (unflushed) {
      unflushed = false;
      channel.flush();
      listener.flushed();
    }
  }

  /** The codec keeps back so much of what it was given to write. */
  void keepsBack(int bytes) {
    keptBack = bytes;
    WriteBufferWaterMark marks = channel.config().getWriteBufferWaterMark();
    boolean isFull = bytes > (full ? marks.low() : marks.high());
    if (isFull != full) {
      full = isFull;
      listener.writabilityChanged();
    }
  }

  /** Returns the bytes that the codec keeps back. */
  long keptBack() {
    return keptBack;
  }

  /** Returns whether they are too many for the service to send on. */
  boolean isFull() {
    return full;
  }

  @Override
  public long pending() {
    return Unsent.bytes(channel) + keptBack;
  }

  @Override
  public boolean isWritable() {
    return !full && channel.isWritable();
  }
}
