package io.baton.posix;

/**
 * The error numbers this project acts on. Calls of this package that fail in ways their callers
 * expect return them negated instead of throwing.
 */
public final class Errno {
  public static final int EINTR = jnr.constants.platform.Errno.EINTR.intValue();
  public static final int EAGAIN = jnr.constants.platform.Errno.EAGAIN.intValue();
  public static final int ENOENT = jnr.constants.platform.Errno.ENOENT.intValue();
  public static final int EACCES = jnr.constants.platform.Errno.EACCES.intValue();
  public static final int EINVAL = jnr.constants.platform.Errno.EINVAL.intValue();
  public static final int EMFILE = jnr.constants.platform.Errno.EMFILE.intValue();
  public static final int ENFILE = jnr.constants.platform.Errno.ENFILE.intValue();
  public static final int ENOBUFS = jnr.constants.platform.Errno.ENOBUFS.intValue();
  public static final int ENOMEM = jnr.constants.platform.Errno.ENOMEM.intValue();
  public static final int ETOOMANYREFS = jnr.constants.platform.Errno.ETOOMANYREFS.intValue();
  public static final int ECONNRESET = jnr.constants.platform.Errno.ECONNRESET.intValue();
  public static final int ECONNABORTED = jnr.constants.platform.Errno.ECONNABORTED.intValue();
  public static final int ECONNREFUSED = jnr.constants.platform.Errno.ECONNREFUSED.intValue();
  public static final int EADDRINUSE = jnr.constants.platform.Errno.EADDRINUSE.intValue();
  public static final int EADDRNOTAVAIL = jnr.constants.platform.Errno.EADDRNOTAVAIL.intValue();
  public static final int EAFNOSUPPORT = jnr.constants.platform.Errno.EAFNOSUPPORT.intValue();

  private Errno() {}

  /** The text and name of an error number, e.g. {@code Address already in use (EADDRINUSE)}. */
  public static String describe(int errno) {
    var known = jnr.constants.platform.Errno.valueOf(errno);
    return known.description() + " (" + known.name() + ")";
  }
}
