package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.core.ClientHandshake;
import io.baton.link.core.Limits;
import io.baton.link.core.LinkCore;
import io.baton.link.core.Refusal;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Connects a session, as often as it takes: dials, shakes hands, and tries again after a {@link
 * ReconnectDelay} until the time is over or the server's answer is final. The first attempt is made
 * at once, the last one when the time is over.
 *
 * <p>Has no state of its own. Called by the session's reader thread; the handshake touches the core
 * with the session's lock held.
 */
final class Connector {
  /** The longest time for one attempt, connection and handshake each. */
  static final Duration ATTEMPT = Duration.ofSeconds(10);

  /** The time that the last attempt has at least. */
  static final Duration LAST_ATTEMPT = Duration.ofMillis(50);

  static final int BUFFER_BYTES = 32 * 1024;

  private final LinkAddress address;
  private final Dialer dialer;
  private final ClientSettings settings;
  private final ClientClock clock;
  private final RandomGenerator random;
  private final ReentrantLock lock;
  private final Condition changed;

  Connector(
      LinkAddress address,
      Dialer dialer,
      ClientSettings settings,
      ClientClock clock,
      RandomGenerator random,
      ReentrantLock lock,
      Condition changed) {
    this.address = address;
    this.dialer = dialer;
    this.settings = settings;
    this.clock = clock;
    this.random = random;
    this.lock = lock;
    this.changed = changed;
  }

  /** What came out of all attempts. */
  sealed interface Result {
    /**
     * A connection that carries the session.
     *
     * @param input bytes behind the handshake, to be read; the buffer is the caller's
     * @param graceMillis how long the server keeps the session without a connection
     */
    record Connected(LinkConnection connection, LinkCore core, ByteBuffer input, long graceMillis)
        implements Result {}

    /**
     * No connection.
     *
     * @param why lost if there was a session before
     */
    record GivenUp(Ending why, @Nullable Throwable cause) implements Result {}
  }

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
   */
  Result connect(@Nullable LinkCore resumed, Duration patience, BooleanSupplier stopped) {
    long start = clock.nanos();
    long lengthNanos = TimeUnit.NANOSECONDS.convert(patience);
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
        return givenUp(resumed, patience, failures + 1, e);
      }
      failures++;
      left = lengthNanos - (clock.nanos() - start);
      if (left <= 0 || isFinal(failure, resumed != null)) {
        return givenUp(resumed, patience, failures, failure);
      }
      long delay = ReconnectDelay.nanos(failures, random.nextDouble(), retryAfter(failure));
      if (pause(Math.min(delay, left), stopped)) {
        return givenUp(resumed, patience, failures, failure);
      }
    }
  }

  private Result.Connected attempt(@Nullable LinkCore resumed, Duration left)
      throws IOException, InterruptedException {
    Duration longest = left.compareTo(ATTEMPT) < 0 ? left : ATTEMPT;
    LinkConnection connection = dialer.dial(longest);
    ClientClock.Timer timer = clock.after(longest.toNanos(), connection::close);
    boolean done = false;
    try {
      Result.Connected connected = shakeHands(connection, handshake(resumed));
      done = true;
      return connected;
    } finally {
      timer.cancel();
      if (!done) {
        connection.close();
      }
    }
  }

  private ClientHandshake handshake(@Nullable LinkCore resumed) {
    byte @Nullable [] token = settings.tokenBytes();
    byte[] credential = settings.credentialBytes();
    lock.lock();
    try {
      return resumed == null
          ? ClientHandshake.open(address.service(), token, credential, limits(), random)
          : ClientHandshake.resume(resumed, token, credential, random);
    } finally {
      lock.unlock();
    }
  }

  private Limits limits() {
    Limits usual = Limits.DEFAULT;
    int credit = Math.max(usual.credit(), Math.max(settings.window(), settings.maxMessage()));
    return new Limits(settings.window(), settings.maxMessage(), credit, usual.maxQueued());
  }

  private Result.Connected shakeHands(LinkConnection connection, ClientHandshake handshake)
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
      lock.lock();
      try {
        state = handshake.read(buffer);
      } finally {
        lock.unlock();
      }
      switch (state) {
        case WAITING -> {}
        case WELCOMED -> {
          return new Result.Connected(
              connection, handshake.core(), buffer, handshake.graceMillis());
        }
        case REFUSED -> throw new RefusedException(believed(handshake.refusal()));
      }
    }
  }

  /**
   * Takes a refusal as proven if there is no token to prove it with: whoever can forge it can forge
   * the rest of such a session as well.
   */
  private Refusal believed(Refusal said) {
    boolean proven = said.proven() || settings.token() == null;
    return new Refusal(said.code(), said.retryAfterMillis(), said.text(), proven);
  }

  /** Returns whether another attempt is of no use. */
  private static boolean isFinal(IOException failure, boolean resuming) {
    if (!(failure instanceof RefusedException refused)) {
      return false;
    }
    return resuming
        ? refused.refusal.ends()
        : switch (refused.refusal.code()) {
          case RETRY_LATER, SHUTDOWN, TOO_MANY, TOO_SLOW, IDLE -> false;
          case DONE, BAD_MAGIC, VERSION, UNKNOWN_SERVICE, FORBIDDEN, NO_SUCH_SESSION -> true;
          case SUPERSEDED, DIVERGED, SCHEMA, PROTOCOL, TOO_LONG, DENIED_BY_SERVICE -> true;
          case ERROR, BYE, UNKNOWN -> true;
        };
  }

  private static long retryAfter(IOException failure) {
    return failure instanceof RefusedException refused ? refused.refusal.retryAfterMillis() : 0;
  }

  /** Waits, and returns whether to give up. */
  private boolean pause(long nanos, BooleanSupplier stopped) {
    lock.lock();
    try {
      long start = clock.nanos();
      for (long left = nanos; left > 0 && !stopped.getAsBoolean(); ) {
        clock.await(changed, left);
        left = nanos - (clock.nanos() - start);
      }
      return stopped.getAsBoolean();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts a session's own thread", e);
    } finally {
      lock.unlock();
    }
  }

  private Result.GivenUp givenUp(
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
    return new Result.GivenUp(new Ending(code, text, resumed != null), last);
  }

  private static String describe(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
