package io.baton.posix;

import static io.baton.posix.LibC.C;
import static io.baton.posix.PosixException.check;

import java.nio.file.Path;
import java.util.List;
import jnr.constants.platform.Signal;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.util.SunMiscSignal;
import org.jspecify.annotations.Nullable;

/** Signals to, and the end of, processes. */
public final class Processes {
  /**
   * Signals that end a process which does not handle them, and that no process of Baton has a use
   * for.
   */
  public static final List<Signal> DEADLY_BY_DEFAULT =
      List.of(
          Signal.SIGALRM,
          Signal.SIGVTALRM,
          Signal.SIGPROF,
          Signal.SIGIO,
          Signal.SIGPWR,
          Signal.SIGSTKFLT);

  static final POSIX NATIVE = POSIXFactory.getNativePOSIX();

  private static final long SYS_PIDFD_OPEN = 434; // the same on all architectures
  private static final int FIRST_REALTIME = 32;
  private static final int WNOHANG = 1;
  private static final long SIG_DFL = 0;

  private Processes() {}

  /** The user whose rights this process has, and to whom belongs what it creates. */
  public static int effectiveUser() {
    return NATIVE.geteuid();
  }

  /** A descriptor that turns readable when the process, a child not yet reaped, has ended. */
  public static Fd pidfd(int pid) throws PosixException {
    return Fd.owning(check("pidfd_open", LibC.result(C.syscall(SYS_PIDFD_OPEN, pid, 0))));
  }

  /** Changes the working directory of this process; what Java thinks it is stays as it was. */
  public static void changeDirectory(Path directory) throws PosixException {
    check("chdir to " + directory, LibC.result(C.chdir(directory.toString())));
  }

  /** Sends a signal to a process: a child that was not reaped yet, or one that holds a lock. */
  public static void kill(int pid, Signal signal) {
    NATIVE.kill(pid, signal.intValue());
  }

  /**
   * Reaps a child.
   *
   * @return how it ended; null if it is still running
   */
  public static @Nullable Exit reap(int pid) throws PosixException {
    int[] status = new int[1];
    int result = NATIVE.waitpid(pid, status, WNOHANG);
    if (check("waitpid", result < 0 ? -NATIVE.errno() : result) == 0) {
      return null;
    }
    return new Exit(status[0] >> 8 & 0xFF, status[0] & 0x7F);
  }

  /**
   * How a process ended.
   *
   * @param status its exit status, unless a signal ended it
   * @param signal that ended it; 0 if it exited
   */
  public record Exit(int status, int signal) {
    /** Returns whether the process exited by itself, with status 0. */
    public boolean isSuccess() {
      return signal == 0 && status == 0;
    }

    /** Returns it in words: {@code exited with 1}, {@code was killed by SIGKILL}. */
    @Override
    public String toString() {
      return signal == 0 ? "exited with " + status : "was killed by " + name(signal);
    }
  }

  /** Some numbers have two names, and real-time signals none that says anything. */
  private static String name(int signal) {
    if (signal == Signal.SIGABRT.intValue()) {
      return "SIGABRT";
    }
    if (signal == Signal.SIGSYS.intValue()) {
      return "SIGSYS";
    }
    return signal < FIRST_REALTIME ? Signal.valueOf(signal).name() : "signal " + signal;
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

  /**
   * As {@link #onSignal}, for a process that was started with the signal ignored. The JVM would
   * leave SIGHUP, SIGINT and SIGTERM ignored for good.
   */
  public static void onIgnoredSignal(Signal signal, Runnable handler) {
    C.signal(signal.intValue(), SIG_DFL);
    onSignal(signal, handler);
  }
}
