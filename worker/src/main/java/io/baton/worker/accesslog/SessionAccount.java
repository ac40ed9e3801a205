package io.baton.worker.accesslog;

import io.baton.service.CloseReason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The account of one session for its line in the access log. It goes along when the session moves
 * to another worker. Event loop only.
 *
 * <pre>
 *   i64 opened (milliseconds since 1970), messages in, bytes in, messages out, bytes out, i32 moves
 * </pre>
 *
 * <p>The numbers are little-endian.
 */
public final class SessionAccount {
  private static final int BYTES = 5 * Long.BYTES + Integer.BYTES;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final AccessLog log;
  private final long openedMs;
  private long messagesIn;
  private long bytesIn;
  private long messagesOut;
  private long bytesOut;
  private int moves;

  private SessionAccount(AccessLog log, long openedMs) {
    this.log = log;
    this.openedMs = openedMs;
  }

  /** Begins the account of a session; null if the log is off. */
  public static @Nullable SessionAccount begin(AccessLog log) {
    return log.isOn() ? new SessionAccount(log, System.currentTimeMillis()) : null;
  }

  /**
   * Goes on with the account of a session from another worker; null if the log is off.
   *
   * @param saved as {@link #save} has written it; what is not that begins a new account, because a
   *     session does not end for its line in a log
   */
  public static @Nullable SessionAccount resume(AccessLog log, ByteBuffer saved) {
    if (!log.isOn() || saved.remaining() != BYTES) {
      return begin(log);
    }
    ByteBuffer from = saved.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    SessionAccount account = new SessionAccount(log, opened(from.getLong()));
    account.messagesIn = count(from.getLong());
    account.bytesIn = count(from.getLong());
    account.messagesOut = count(from.getLong());
    account.bytesOut = count(from.getLong());
    account.moves = (int) count(from.getInt()) + 1;
    return account;
  }

  private static long count(long saved) {
    return Math.max(0, saved);
  }

  /** A time that has been, which can be written as a date. */
  private static long opened(long saved) {
    return Math.max(0, Math.min(saved, System.currentTimeMillis()));
  }

  /** Returns the account's bytes; none if there is no account. */
  public static ByteBuffer save(@Nullable SessionAccount account) {
    return account == null ? NOTHING : account.save();
  }

  private ByteBuffer save() {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(openedMs)
        .putLong(messagesIn)
        .putLong(bytesIn)
        .putLong(messagesOut)
        .putLong(bytesOut)
        .putInt(moves)
        .flip();
  }

  /** The session has received a message. */
  public void received(int bytes) {
    messagesIn++;
    bytesIn += bytes;
  }

  /** The session has sent a message. */
  public void sent(int bytes) {
    messagesOut++;
    bytesOut += bytes;
  }

  /** Writes the session's line, unless the session goes on, elsewhere or in another protocol. */
  public void ended(AccessEntry.Subject subject, String route, CloseReason why) {
    if (why != CloseReason.MOVED && why != CloseReason.UPGRADED) {
      SessionTraffic traffic =
          new SessionTraffic(messagesIn, bytesIn, messagesOut, bytesOut, moves);
      log.add(new SessionEntry(subject, route, openedMs, System.currentTimeMillis(), traffic, why));
    }
  }
}
