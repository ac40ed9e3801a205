package io.baton.link.core;

/**
 * A reason for which a connection is refused, a session ends or a stream is cut short. REFUSED,
 * GOODBYE, GOAWAY, END and STOP carry its number.
 */
public enum LinkCode {
  /** No error: a stream that is complete. */
  DONE(0),
  /** The first bytes of the connection are not those of Link. */
  BAD_MAGIC(1),
  /** Both sides have no version of the protocol in common. */
  VERSION(2),
  /** The listener has no service of this name. */
  UNKNOWN_SERVICE(3),
  /** This client may not open the service, or its token does not fit. */
  FORBIDDEN(4),
  /** The server does not know the session any more. */
  NO_SUCH_SESSION(5),
  /** Another connection has taken the session over. */
  SUPERSEDED(6),
  /** Both sides' records of the session contradict each other. */
  DIVERGED(7),
  /** The types of both sides do not fit. */
  SCHEMA(8),
  /** A limit on numbers is reached: sessions, streams, types. */
  TOO_MANY(9),
  /** The peer did not read fast enough. */
  TOO_SLOW(10),
  /** The peer broke the protocol. */
  PROTOCOL(11),
  /** A message is longer than max-message. */
  TOO_LONG(12),
  /** The service did not accept the session. */
  DENIED_BY_SERVICE(13),
  /** The server stops. */
  SHUTDOWN(14),
  /** The server cannot take the session now; a later attempt may succeed. */
  RETRY_LATER(15),
  /** An error inside the service or its server. */
  ERROR(16),
  /** The session was silent for too long. */
  IDLE(17),
  /** An ordinary end. */
  BYE(18),
  /** The bytes of a stream are not those that were sent. */
  CORRUPT(19),
  /** A question of a session that has moved to another worker; never on the wire. */
  MOVED(20),
  /** A number that this version does not know. */
  UNKNOWN(0xFFFF);

  static final int MAX_NUMBER = 0xFFFF;

  private static final LinkCode[] BY_NUMBER = values();

  private final int number;

  LinkCode(int number) {
    this.number = number;
  }

  /** Returns the number on the wire, from 0 to 65,535. */
  public int number() {
    return number;
  }

  /** Returns the code of a number, {@link #UNKNOWN} if this version has none. */
  public static LinkCode of(int number) {
    return number >= 0 && number <= MOVED.number ? BY_NUMBER[number] : UNKNOWN;
  }

  /** Returns the number of a code, an application's own included, if it is from 0 to 65,535. */
  static int checked(int number) {
    if (number < 0 || number > MAX_NUMBER) {
      throw new IllegalArgumentException("a code is from 0 to 65535, not " + number);
    }
    return number;
  }
}
