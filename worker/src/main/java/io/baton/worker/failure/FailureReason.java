package io.baton.worker.failure;

import io.baton.pipe.Message;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line for the operator about a service or codec that failed: the exception, and in brackets
 * the class that threw it and the jar of its module.
 */
public final class FailureReason {
  private static final int MAX_CHARS = Message.MAX_REASON_BYTES;

  /** Modules' class loaders have the names of their jars. */
  private static final String JAR = ".jar";

  private FailureReason() {}

  /** Returns whether this is a line of a module's code. */
  public static boolean isOfModule(StackTraceElement frame) {
    return isJar(frame.getClassLoaderName());
  }

  private static boolean isJar(@Nullable String loader) {
    return loader != null && loader.endsWith(JAR);
  }

  /**
   * Of what was thrown.
   *
   * @param service whose callback was running; null if none was made
   */
  public static String of(Throwable thrown, @Nullable Class<?> service) {
    String where = where(thrown, service);
    String text = thrown + (where.isEmpty() ? "" : " (" + where + ")");
    if (text.length() > MAX_CHARS && !where.isEmpty()) {
      int room = Math.max(0, MAX_CHARS - where.length() - 6);
      String what = thrown.toString();
      text = what.substring(0, Math.min(what.length(), room)) + "... (" + where + ")";
    }
    return oneLine(text);
  }

  /** Of a callback that does not return. */
  public static String hanging(String callback, long ms, String key, @Nullable Class<?> service) {
    String where = service == null ? "" : " (" + named(service) + ")";
    return oneLine(
        String.format(
            Locale.ROOT, "%s has not returned after %d ms (%s)%s", callback, ms, key, where));
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.substring(0, Math.min(line.length(), MAX_CHARS));
  }

  /** The nearest code of a module, or the service. */
  private static String where(Throwable thrown, @Nullable Class<?> service) {
    for (StackTraceElement element : thrown.getStackTrace()) {
      if (isOfModule(element)) {
        return element.getClassName() + " of " + element.getClassLoaderName();
      }
    }
    return service == null ? "" : named(service);
  }

  private static String named(Class<?> service) {
    ClassLoader loader = service.getClassLoader();
    String jar = loader == null ? null : loader.getName();
    return service.getName() + (isJar(jar) ? " of " + jar : "");
  }
}
