package io.baton.worker.broker;

/** Something of a worker that talks to the same of workers on other machines. Event loop only. */
public interface ClusterMember {
  /**
   * There is a connection: what is sent reaches other machines, or may.
   *
   * @param again whether there was one before, and others may have said something meanwhile
   */
  void up(boolean again);

  /** The connection is lost. */
  void down();

  /**
   * A worker of another machine is there: it is heard for the first time, or again after it was
   * {@linkplain #vanished gone}. What it has said comes next.
   */
  default void appeared(long worker, long machine) {}

  /**
   * It has ended, or has said nothing for three seconds in which there was a connection. While
   * there is none, all stay as they were.
   */
  default void vanished(long worker) {}

  /** A worker of another machine has said something, maybe not to this member. */
  void received(long worker, BrokerMessage message);

  /** A worker of another machine has ended, or has not been heard of for ten minutes. */
  void forgotten(long worker);

  /**
   * Lets time pass.
   *
   * @param ms milliseconds since the worker began
   */
  void tick(long ms);
}
