package io.baton.worker.run;

import io.netty.channel.Channel;

/**
 * Where a session's messages go out. What is written while something is being read or a callback
 * runs is flushed together at the end of it: one system call for a whole read's answers. Event loop
 * only.
 */
final class Outlet {
  private final Channel channel;
  private boolean reading;
  private int callbacks;
  private boolean unflushed;

  Outlet(Channel channel) {
    this.channel = channel;
  }

  /** Messages of one read are coming; {@link #readComplete} will follow. */
  void reading() {
    reading = true;
  }

  void readComplete() {
    reading = false;
    flushUnlessBusy();
  }

  /** A callback begins; they nest. */
  void enter() {
    callbacks++;
  }

  void exit() {
    callbacks--;
    flushUnlessBusy();
  }

  void write(Object message) {
    unflushed = true;
    // A failure comes back as an exception through the pipeline.
    var _ = channel.write(message, channel.voidPromise());
    flushUnlessBusy();
  }

  /** Whether more may be written; flushes first if that is what stands in the way. */
  boolean writable() {
    if (!channel.isWritable() && unflushed) {
      flush();
    }
    return channel.isWritable();
  }

  private void flushUnlessBusy() {
    if (unflushed && !reading && callbacks == 0) {
      flush();
    }
  }

  private void flush() {
    unflushed = false;
    channel.flush();
  }
}
