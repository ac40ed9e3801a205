package io.baton.worker.accesslog;

import io.baton.service.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * The line of one HTTP request.
 *
 * @param asked null if no request line was read
 * @param status of the response; {@link #CLIENT_LEFT} or {@link #NONE} if there was none
 * @param bytes of the response's body that were sent
 * @param nanos from the request's head to the last piece of the response
 * @param unfinished the reason for which the session ended before the response was complete; null
 *     if it was complete
 */
public record RequestEntry(
    Subject subject,
    @Nullable Asked asked,
    int status,
    long bytes,
    long nanos,
    long timeMs,
    @Nullable CloseReason unfinished)
    implements AccessEntry {

  /** Status of a request whose client left before the response began, as nginx has it. */
  public static final int CLIENT_LEFT = 499;

  /** Status of a request whose session ended otherwise before the response began. */
  public static final int NONE = 0;

  private static final int MAX_TARGET = 2048;
  private static final int MAX_FIELD = 512;
  private static final int MAX_METHOD = 32;

  /**
   * The parts of a request that are logged.
   *
   * @param version {@code HTTP/1.1}
   * @param route path of the listener's route; null if the listener has none for it
   */
  public record Asked(
      String method,
      String target,
      String version,
      @Nullable String host,
      @Nullable String route,
      @Nullable String referer,
      @Nullable String userAgent) {
    public Asked {
      method = method.substring(0, Math.min(method.length(), MAX_METHOD));
      target = target.substring(0, Math.min(target.length(), MAX_TARGET));
      host = AccessEntry.cut(host, MAX_FIELD);
      referer = AccessEntry.cut(referer, MAX_FIELD);
      userAgent = AccessEntry.cut(userAgent, MAX_FIELD);
    }
  }
}
