package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.TypeSet;
import io.baton.link.core.LinkCore;
import java.nio.ByteBuffer;

/** A thing that has happened to a session and that its handler is to be told. */
sealed interface SessionEvent {
  /**
   * The server has opened the session, for the first time or another one in the place of a lost
   * one.
   *
   * @param before what to do before the handler is told
   */
  record Opened(Runnable before) implements SessionEvent {}

  /**
   * A message has arrived.
   *
   * @param core the session's half that has to be told when the message is consumed
   * @param size what the core is told then
   */
  record Arrived(LinkCore core, TypeSet types, ByteBuffer bytes, int size)
      implements SessionEvent {}

  /** The connection is lost. */
  record Away() implements SessionEvent {}

  /** There is a connection again. */
  record Back() implements SessionEvent {}

  /** The session has ended. The last event. */
  record Closed(Ending why) implements SessionEvent {}
}
