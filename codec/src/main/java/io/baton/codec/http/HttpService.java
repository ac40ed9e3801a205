package io.baton.codec.http;

import io.baton.service.CloseReason;
import io.baton.service.Draining;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A service of the codec http that hands each request to a {@link Handler}, as an {@link
 * HttpExchange}:
 *
 * <pre>{@code
 * context.service("hello", FullHttpRequest.class, HttpObject.class,
 *     HttpService.of(exchange -> exchange.text("Hello, " + exchange.query("name").orElse("World"))));
 * }</pre>
 *
 * <p>It keeps nothing from one request to the next, so that its sessions move between any two
 * workers. A stream of events ends in order when its worker is about to end, and does not hold that
 * up.
 */
public final class HttpService
    implements Service<FullHttpRequest, HttpObject>, Draining<HttpObject> {

  /** What answers requests. One object for all sessions, unless it is made for each. */
  @FunctionalInterface
  public interface Handler {

    /**
     * Answers a request: now, or later and from any thread. The next request of the same connection
     * comes once this one is answered.
     *
     * <p><b>Threading.</b> In the session's lane: it may block only in the lane {@code virtual}.
     *
     * @throws HttpException to answer with its status. Of any other exception the client gets a 500
     *     and the connection ends
     */
    void handle(HttpExchange exchange) throws Exception;
  }

  private final Handler handler;
  private @Nullable HttpExchange current;

  private HttpService(Handler handler) {
    this.handler = handler;
  }

  /**
   * Returns the factory of services with one handler for all sessions, for a module to register.
   */
  public static Supplier<HttpService> of(Handler handler) {
    return () -> new HttpService(handler);
  }

  @Override
  public void received(Session<HttpObject> session, FullHttpRequest request) {
    HttpExchange exchange = new HttpExchange(session, request);
    current = exchange;
    try {
      handler.handle(exchange);
    } catch (HttpException e) {
      exchange.refuse(e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void writable(Session<HttpObject> session) {
    HttpStream stream = stream();
    if (stream != null) {
      stream.writableAgain();
    }
  }

  @Override
  public void draining(Session<HttpObject> session) {
    HttpStream stream = stream();
    if (stream != null) {
      stream.draining();
    }
  }

  @Override
  public void closed(Session<HttpObject> session, CloseReason why) {
    HttpStream stream = stream();
    if (stream != null) {
      stream.over();
    }
  }

  private @Nullable HttpStream stream() {
    HttpExchange exchange = current;
    return exchange == null ? null : exchange.stream();
  }
}
