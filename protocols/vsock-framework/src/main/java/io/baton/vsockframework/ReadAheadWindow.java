package io.baton.vsockframework;

import io.baton.codec.Window;
import io.baton.service.CloseReason;

/**
 * The session's window as its decoder sees it: while the window is shut the client is read on, up
 * to {@value #READ_AHEAD} bytes that wait, because a question for the clock may be among them.
 */
final class ReadAheadWindow implements Window {
  /** The most bytes that wait before reading stops, besides what one read brings. */
  static final int READ_AHEAD = 64 * 1024;

  private final Window window;

  /** The bytes that the decoder holds. */
  private int decoders;

  /** The bytes that are held in front of the decoder. */
  private int before;

  /** The bytes that the records of unprocessed messages may take. */
  private long records;

  ReadAheadWindow(Window window) {
    this.window = window;
  }

  /** Sets how many bytes are held in front of the decoder. */
  void holdsBefore(int bytes) {
    before = bytes;
    report();
  }

  @Override
  public void holds(int bytes) {
    decoders = bytes;
    report();
    if (decoders > READ_AHEAD) {
      window.open(); // if it is shut, reading stops
    }
  }

  /** Sets how many bytes the records of unprocessed messages may take. */
  void holdsRecords(long bytes) {
    records = bytes;
    report();
  }

  private void report() {
    window.holds((int) Math.min(Integer.MAX_VALUE, before + decoders + records));
  }

  @Override
  public boolean open() {
    return decoders > READ_AHEAD ? window.open() : window.accepts();
  }

  @Override
  public boolean accepts() {
    return window.accepts();
  }

  @Override
  public boolean quiet() {
    return window.quiet();
  }

  @Override
  public void shut() {
    window.shut();
  }

  @Override
  public void reopen() {
    window.reopen();
  }

  @Override
  public boolean admits(long bytes) {
    return window.admits(bytes);
  }

  @Override
  public void end(CloseReason why) {
    window.end(why);
  }
}
