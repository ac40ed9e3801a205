package io.baton.link.client;

import io.baton.link.LinkException;
import io.baton.link.core.ClientHandshake;
import io.baton.link.core.Limits;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.Refusal;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Connects a session, as often as it takes: dials, shakes hands, and tries again after a delay
 * until the time is over or the server's answer is final. The first attempt is made at once, the
 * last one when the time is over.
 *
 * <p>Has no state of its own. Called by the session's reader thread; the handshake touches the core
 * with the session's lock held.
 */
final class Connector {
  /** The longest time for one attempt, connection and handshake each. */
  static final Duration ATTEMPT = Duration.ofSeconds(10);

  /** The time that the last attempt has at least. */
  static final Duration LAST_ATTEMPT = Duration.ofMillis(50);

  static final long FIRST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  static final long LONGEST_DELAY_NANOS = TimeUnit.SECONDS.toNanos(5);
  static final int BUFFER_BYTES = 32 * 1024;

  /** The refusals after which a later attempt to open may succeed. */
  private static final Set<LinkCode> TEMPORARY =
      EnumSet.of(
          LinkCode.RETRY_LATER,
          LinkCode.SHUTDOWN,
          LinkCode.TOO_MANY,
          LinkCode.TOO_SLOW,
          LinkCode.IDLE);

  private final LinkAddress address;
  private final Dialer dialer;
  private final SessionContext session;
  private final RandomGenerator random;

  Connector(LinkAddress address, Dialer dialer, SessionContext session, RandomGenerator random) {
    this.address = address;
    this.dialer = dialer;
    this.session = session;
    this.random = random;
  }

  /**
   * A connection that carries the session.
   *
   * @param input bytes behind the handshake, to be read; the buffer is the caller's
   * @param graceMillis how long the server keeps the session without a connection
   */
  record Connected(LinkConnection connection, LinkCore core, ByteBuffer input, long graceMillis) {}

  /** A refusal by the server, as a failed attempt. */
  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;
    private final transient Refusal refusal;

    RefusedException(Refusal refusal) {
      super("the server refused with %s: %s".formatted(refusal.code(), refusal.text()));
      this.refusal = refusal;
    }
  }

  /**
   * Connects.
   *
   * @param resumed the session to go on with; null opens a new one
   * @param patience for all attempts together
   * @param stopped asked with the lock held whether to give up at once
   * @throws LinkException if there is no connection: with the code of the server's last refusal
   */
  Connected connect(@Nullable LinkCore resumed, Duration patience, BooleanSupplier stopped)
      throws LinkException {
    ClientClock clock = session.clock;
    long start = clock.nanos();
    long lengthNanos = TimeUnit.NANOSECONDS.convert(patience);
    @Nullable RefusedException refused = null;
    for (int failures = 0; ; ) {
      long left = lengthNanos - (clock.nanos() - start);
      IOException failure;
      try {
        return attempt(resumed, Duration.ofNanos(Math.max(left, LAST_ATTEMPT.toNanos())));
      } catch (IOException e) {
        failure = e;
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts a session's own thread", e);
      } catch (UnsupportedOperationException e) {
        throw givenUp(resumed, patience, failures + 1, e);
      }
      failures++;
      refused = failure instanceof RefusedException its ? its : refused;
      left = lengthNanos - (clock.nanos() - start);
      if (left <= 0 || isFinal(failure, resumed != null)) {
        // The end of the patience cuts an attempt off, which says less than an earlier refusal.
        IOException told = resumed == null && refused != null ? refused : failure;
        throw givenUp(resumed, patience, failures, told);
      }
      long delay = delayNanos(failures, random.nextDouble(), retryAfter(failure));
      if (pause(Math.min(delay, left), stopped)) {
        throw givenUp(resumed, patience, failures, failure);
      }
    }
  }

  private Connected attempt(@Nullable LinkCore resumed, Duration left)
      throws IOException, InterruptedException {
    Duration longest = left.compareTo(ATTEMPT) < 0 ? left : ATTEMPT;
    LinkConnection connection = dialer.dial(longest);
    Runnable timer = session.clock.after(longest.toNanos(), connection::close);
    boolean done = false;
    try {
      Connected connected = shakeHands(connection, handshake(resumed));
      done = true;
      return connected;
    } finally {
      timer.run();
      if (!done) {
        connection.close();
      }
    }
  }

  private ClientHandshake handshake(@Nullable LinkCore resumed) {
    ClientSettings with = session.settings;
    session.lock.lock();
    try {
      return resumed == null
          ? ClientHandshake.open(address.service(), with.token, with.credential, limits(), random)
          : ClientHandshake.resume(resumed, with.token, with.credential, random);
    } finally {
      session.lock.unlock();
    }
  }

  private Limits limits() {
    Limits usual = Limits.DEFAULT;
    ClientSettings with = session.settings;
    int credit = Math.max(usual.credit(), Math.max(with.window, with.maxMessage));
    return new Limits(with.window, with.maxMessage, credit, usual.maxQueued());
  }

  private Connected shakeHands(LinkConnection connection, ClientHandshake handshake)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).flip();
    ByteBuffer output = ByteBuffer.allocate(BUFFER_BYTES);
    while (true) {
      while (handshake.pending()) {
        handshake.write(output.clear());
        connection.write(output.flip());
      }
      if (!buffer.hasRemaining()) {
        if (connection.read(buffer.clear()) < 0) {
          throw new EOFException("the server closed the connection during the handshake");
        }
        buffer.flip();
      }
      ClientHandshake.State state;
      session.lock.lock();
      try {
        state = handshake.read(buffer);
      } finally {
        session.lock.unlock();
      }
      if (state == ClientHandshake.State.REFUSED) {
        throw new RefusedException(believed(handshake.refusal()));
      } else if (state == ClientHandshake.State.WELCOMED) {
        return new Connected(connection, handshake.core(), buffer, handshake.graceMillis());
      }
    }
  }

  /**
   * Takes a refusal as proven if there is no token to prove it with: whoever can forge it can forge
   * the rest of such a session as well.
   */
  private Refusal believed(Refusal said) {
    boolean proven = said.proven() || session.settings.token == null;
    return new Refusal(said.code(), said.retryAfterMillis(), said.text(), proven);
  }

  /** Returns whether another attempt is of no use. */
  private static boolean isFinal(IOException failure, boolean resuming) {
    if (!(failure instanceof RefusedException refused)) {
      return false;
    }
    return resuming ? refused.refusal.ends() : !TEMPORARY.contains(refused.refusal.code());
  }

  /**
   * Returns how long to wait before an attempt, in nanoseconds: not at all before the first, then a
   * random part of a span that doubles with each failure. The whole span is random ("full jitter"),
   * so that clients that lost one server together do not come back together.
   *
   * @param failures attempts that failed since there was a connection
   * @param chance from 0 to 1, random
   * @param retryAfterMillis what the server asked for, which the delay is added to; 0 if it did not
   */
  static long delayNanos(int failures, double chance, long retryAfterMillis) {
    if (failures == 0) {
      return 0;
    }
    long span = Math.min(FIRST_DELAY_NANOS << Math.min(failures - 1, 10), LONGEST_DELAY_NANOS);
    long asked = TimeUnit.MILLISECONDS.toNanos(Math.max(0, retryAfterMillis));
    return asked + Math.min((long) (span * chance), Long.MAX_VALUE - asked);
  }

  private static long retryAfter(IOException failure) {
    return failure instanceof RefusedException refused ? refused.refusal.retryAfterMillis() : 0;
  }

  /** Waits so long and up to a half longer, by chance; returns whether to give up. */
  boolean stayAway(long millis, BooleanSupplier stopped) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    return pause((long) (nanos * (1 + random.nextDouble() / 2)), stopped);
  }

  /** Waits, and returns whether to give up. */
  private boolean pause(long nanos, BooleanSupplier stopped) {
    session.lock.lock();
    try {
      long start = session.clock.nanos();
      for (long left = nanos; left > 0 && !stopped.getAsBoolean(); ) {
        session.clock.await(session.changed, left);
        left = nanos - (session.clock.nanos() - start);
      }
      return stopped.getAsBoolean();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts a session's own thread", e);
    } finally {
      session.lock.unlock();
    }
  }

  private LinkException givenUp(
      @Nullable LinkCore resumed, Duration patience, int attempts, Exception last) {
    int code = last instanceof RefusedException refused ? refused.refusal.code().number() : 0;
    String what = resumed == null ? "no session of" : "the session could not be resumed with";
    String text =
        "%s %s, after %d attempt%s within %s s; the last one: %s"
            .formatted(
                what,
                address,
                attempts,
                attempts == 1 ? "" : "s",
                patience.toMillis() / 1e3,
                describe(last));
    return new LinkException(code, text, last);
  }

  private static String describe(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
