package io.baton.worker.broker;

/**
 * A connection to a broker, which brings messages of a subject to all that have subscribed to it,
 * and loses some without a word. Event loop only; nothing of it waits.
 */
public interface Broker {
  /** Is told on the event loop what comes, in the order of each sender's messages to a subject. */
  interface Listener {
    /** There is a connection, perhaps again: all subscriptions have been sent. */
    void up();

    /** The connection is lost, and another one is tried until there is one. */
    void down();

    /**
     * A message has come, from anybody who may publish there.
     *
     * @param message the receiver's
     */
    void received(byte[] message);

    /** So many messages were dropped on this side because the event loop did not come to them. */
    void overrun(long messages);
  }

  /** Begins to connect, and calls the listener from then on. */
  void start(Listener listener);

  /** Subscribes, once; goes on after another connection. */
  void subscribe(String subject);

  void unsubscribe(String subject);

  /**
   * Sends a message to all that have subscribed to the subject.
   *
   * @param message nobody changes it
   * @return false if it is certain that it is not sent: there is no connection, or too much waits
   */
  boolean publish(String subject, byte[] message);

  /**
   * Ends: nothing comes any more.
   *
   * @return waits until what was published has gone, half a second at most; not for the event loop
   */
  Runnable close();
}
