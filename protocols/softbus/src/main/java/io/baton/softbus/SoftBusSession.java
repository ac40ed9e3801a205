package io.baton.softbus;

import io.baton.service.CloseReason;
import io.baton.service.Session;

/**
 * One session of a {@link SoftBusServer}. All methods may be called from any thread.
 *
 * @param name of the session server
 * @param keyIndex of the authentication key that the client has: its device
 * @param maxData most bytes that can be sent at a time
 * @param session what the session is to Baton: its id, peer, timers
 */
public record SoftBusSession(
    String name, long keyIndex, int maxData, Session<SoftBusMessage.Output> session) {

  /**
   * Sends data in one frame; frames go out in the order of the calls. Waits as {@link Session#send}
   * does.
   *
   * @param data 1 to {@link #maxData} bytes, which may not be changed any more. The original takes
   *     at most 4,080
   * @return false if the session has ended or moved: nothing goes out
   * @throws IllegalArgumentException if there are no bytes, or too many
   */
  public boolean sendBytes(byte[] data) {
    if (data.length < 1 || data.length > maxData) {
      throw new IllegalArgumentException(
          "%d bytes to send; allowed: 1 to %d".formatted(data.length, maxData));
    }
    return session.send(new SoftBusMessage.Data(data));
  }

  /** Returns whether little waits for the client, as {@link Session#writable}. */
  public boolean writable() {
    return session.writable();
  }

  /** Ends the session once what was sent before has gone out. */
  public void close() {
    session.close(CloseReason.SERVICE);
  }

  @Override
  public String toString() {
    return "session " + session.id() + " of " + name;
  }
}
