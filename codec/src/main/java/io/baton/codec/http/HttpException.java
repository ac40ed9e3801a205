package io.baton.codec.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * A request that a {@link HttpService.Handler} does not serve: the client gets the status, with the
 * message as text. It is no failure of the server, and neither logged nor counted as one.
 */
public final class HttpException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final int FIRST_ERROR = 400;

  private final int status;

  /**
   * @param status 400 to 599
   * @param message for the client, a line without its end
   */
  public HttpException(int status, String message) {
    super(message, null, false, false);
    if (HttpResponseStatus.valueOf(status).code() < FIRST_ERROR || status > 599) {
      throw new IllegalArgumentException("a status of " + status + "; allowed: 400 to 599");
    }
    this.status = status;
  }

  public int status() {
    return status;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
