package io.baton.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.Endpoint;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * Connects from the host to a vsock port of a virtual machine, where the monitor makes a Unix
 * socket of the machine's vsock, as Firecracker and Cloud Hypervisor do.
 *
 * {@snippet :
 * GuestDialer guest = new GuestDialer(Path.of("/srv/vm1/v.sock"));
 * try (GuestConnection connection = guest.dial(5000, Duration.ofSeconds(30))) {
 *   connection.channel().write(request);
 * }
 * }
 *
 * <p>A guest that is not up yet shows itself in many ways: the socket is not there, nobody serves
 * it, it closes the connection without an answer. All of these, and whatever else keeps it from
 * being connected to, are tried again, after a delay that doubles from {@value #FIRST_DELAY_MS} ms
 * to {@value #LONGEST_DELAY_MS} ms and is shortened by chance by up to a half, so that many who
 * wait for one guest do not come at once.
 *
 * <p>Has no thread and holds nothing between two calls; any number of threads, also virtual ones,
 * may use it at a time.
 */
public final class GuestDialer {
  static final long FIRST_DELAY_MS = 10;
  static final long LONGEST_DELAY_MS = 1_000;

  /** When the next delay would take all the time there is, so much is left for a last attempt. */
  static final Duration LAST_ATTEMPT = Duration.ofMillis(50);

  private final Path socket;
  private final UnixDomainSocketAddress address;
  private final Time time;
  private final DoubleSupplier chance;

  /**
   * Connects to nobody yet.
   *
   * @param socket the monitor's: Firecracker's {@code uds_path}, Cloud Hypervisor's {@code socket=}
   * @throws IllegalArgumentException if no socket can have such a path
   */
  public GuestDialer(Path socket) {
    this(socket, Time.SYSTEM, () -> ThreadLocalRandom.current().nextDouble());
  }

  /** Lives in its own time, and by its own chance, from 0 to 1. */
  GuestDialer(Path socket, Time time, DoubleSupplier chance) {
    int length = socket.toString().getBytes(UTF_8).length;
    if (length == 0 || length > Endpoint.Unix.MAX_PATH_BYTES) {
      throw new IllegalArgumentException(
          "the path of a socket has 1 to %d bytes, but %s has %d"
              .formatted(Endpoint.Unix.MAX_PATH_BYTES, socket, length));
    }
    this.socket = socket;
    this.address = UnixDomainSocketAddress.of(socket);
    this.time = time;
    this.chance = chance;
  }

  /**
   * Waits until somebody in the guest listens on the port, and connects to it.
   *
   * @param port from 0 to 4294967294
   * @param patience for all attempts together; there is at least one
   * @return blocking, with nothing read of what the guest has sent; the caller closes it
   * @throws ConnectException if there was no connection in that time; it says what the last attempt
   *     met, which is its cause
   * @throws ProtocolException if the answer was none of a virtual machine monitor's; this is not
   *     tried again, because the path is somebody else's socket
   * @throws InterruptedException if the thread was interrupted, then or before
   * @throws IllegalArgumentException if the port is none, or the patience not positive
   */
  public GuestConnection dial(long port, Duration patience)
      throws IOException, InterruptedException {
    if (port < 0 || port > Endpoint.Vsock.MAX_PORT) {
      throw new IllegalArgumentException("a port is from 0 to 4294967294, not " + port);
    }
    if (!patience.isPositive()) {
      throw new IllegalArgumentException(
          "the time to wait must be more than nothing, not " + patience);
    }
    Deadline deadline = new Deadline(patience, time);
    for (int attempt = 1; ; attempt++) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while dialing " + socket);
      }
      try {
        return Handshake.with(address, port, deadline);
      } catch (ProtocolException e) {
        throw e;
      } catch (IOException e) {
        long spare = deadline.leftNanos() - LAST_ATTEMPT.toNanos();
        if (spare <= 0) {
          throw outOfPatience(port, patience, attempt, e);
        }
        time.sleep(Math.min(delayNanos(attempt, chance.getAsDouble()), spare));
      }
    }
  }

  /**
   * Returns how long to wait after so many failures in a row, at least 1: it doubles with each.
   *
   * @param chance from 0, for half of the delay, to 1, for all of it
   */
  static long delayNanos(int failures, double chance) {
    long doubled = FIRST_DELAY_MS << Math.min(failures - 1, 16);
    long longest = TimeUnit.MILLISECONDS.toNanos(Math.min(doubled, LONGEST_DELAY_MS));
    return (long) (longest * (0.5 + chance / 2));
  }

  private ConnectException outOfPatience(
      long port, Duration patience, int attempts, IOException last) {
    ConnectException e =
        new ConnectException(
            String.format(
                Locale.ROOT,
                "no connection to port %d of the guest behind %s within %s s, in %d attempt%s; the"
                    + " last one: %s. Check that the machine runs, that %s is its monitor's socket"
                    + " and that something in it listens on vsock port %d, or allow more time",
                port,
                socket,
                patience.toNanos() / 1e9,
                attempts,
                attempts == 1 ? "" : "s",
                last.getMessage(),
                socket,
                port));
    e.initCause(last);
    return e;
  }
}
