package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

import jnr.constants.platform.Signal;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.util.SunMiscSignal;
import org.jspecify.annotations.Nullable;

/** Signals to, and the end of, processes. */
public final class Processes {
  static final POSIX NATIVE = POSIXFactory.getNativePOSIX();

  private static final long SYS_PIDFD_OPEN = 434; // the same on all architectures
  private static final int WNOHANG = 1;

  private Processes() {}

  public static int uid() {
    return NATIVE.getuid();
  }

  /** A descriptor that turns readable when the process, a child not yet reaped, has ended. */
  public static Fd pidfd(int pid) throws PosixException {
    return Fd.owning(check("pidfd_open", LibC.result(C.syscall(SYS_PIDFD_OPEN, pid, 0))));
  }

  /** Sends a signal to a child that was not reaped yet. */
  public static void kill(int pid, Signal signal) {
    NATIVE.kill(pid, signal.intValue());
  }

  /**
   * Reaps a child.
   *
   * @return how it ended, in words: {@code exited with 1}, {@code was killed by SIGKILL}; null if
   *     it is still running
   */
  public static @Nullable String reap(int pid) throws PosixException {
    int[] status = new int[1];
    int result = NATIVE.waitpid(pid, status, WNOHANG);
    if (check("waitpid", result < 0 ? -NATIVE.errno() : result) == 0) {
      return null;
    }
    int signal = status[0] & 0x7F;
    return signal == 0
        ? "exited with " + (status[0] >> 8 & 0xFF)
        : "was killed by " + Signal.valueOf(signal).name();
  }

  /** Ends a child for good, waiting for it. */
  public static void killAndReap(int pid) {
    kill(pid, Signal.SIGKILL);
    NATIVE.waitpid(pid, new int[1], 0);
  }

  /**
   * Runs the handler, each time on a thread of its own, when this process gets the signal. It is
   * the JVM that sees the signal: {@code POSIX.signal} would call Java code in the signal's own
   * context, in the middle of whatever that thread was doing.
   */
  public static void onSignal(Signal signal, Runnable handler) {
    SunMiscSignal.signal(signal, _ -> handler.run());
  }
}
