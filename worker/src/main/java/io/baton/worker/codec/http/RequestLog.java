package io.baton.worker.codec.http;

import io.baton.codec.CodecContext;
import io.baton.service.CloseReason;
import io.baton.service.Principal;
import io.baton.worker.accesslog.AccessEntry;
import io.baton.worker.accesslog.AccessLog;
import io.baton.worker.accesslog.LoggedClient;
import io.baton.worker.accesslog.RequestEntry;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The access log's lines of one connection. A line is added when the response is complete, when
 * another protocol takes over, or when the session ends before that. Event loop only.
 */
final class RequestLog {
  /** The target that Netty gives a request whose request line cannot be read. */
  private static final String INVALID = "/bad-request";

  private final AccessLog log;
  private final String listener;
  private final CodecContext context;
  private final @Nullable RealIp realIp;

  private RequestEntry.@Nullable Asked asked;
  private @Nullable String client;
  private boolean begun;
  private long startNanos;
  private int status;
  private long bytes;

  /**
   * @param realIp null: the client is the peer
   */
  RequestLog(AccessLog log, String listener, CodecContext context, @Nullable RealIp realIp) {
    this.log = log;
    this.listener = listener;
    this.context = context;
    this.realIp = realIp;
  }

  /**
   * A request's head is here, valid or not.
   *
   * @param route as it is configured; null if there is none for it
   */
  void begin(HttpRequest head, @Nullable String route) {
    begun = true;
    startNanos = System.nanoTime();
    asked = null;
    client = null;
    boolean unread = head.decoderResult().isFailure() && head.uri().equals(INVALID);
    if (!unread) {
      HttpHeaders headers = head.headers();
      asked =
          new RequestEntry.Asked(
              head.method().name(),
              head.uri(),
              head.protocolVersion().text(),
              headers.get(HttpHeaderNames.HOST),
              route,
              headers.get(HttpHeaderNames.REFERER),
              headers.get(HttpHeaderNames.USER_AGENT));
      InetAddress real = realIp == null ? null : realIp.client(headers, context.peer());
      client = real == null ? null : real.getHostAddress();
    }
  }

  /** A response begins. */
  void status(HttpResponseStatus of) {
    status = of.code();
  }

  /** A part of the response's body is sent. */
  void sent(int more) {
    bytes += more;
  }

  /** The response is complete. */
  void answered() {
    add(null);
  }

  /** Another protocol takes over. */
  void switched() {
    status = HttpResponseStatus.SWITCHING_PROTOCOLS.code();
    add(null);
  }

  /** The session ends, or goes on in another worker, perhaps in the middle of a request. */
  void ended(CloseReason why) {
    if ((begun || status != 0) && why != CloseReason.MOVED) {
      if (status == 0 && why == CloseReason.CLIENT) {
        status = RequestEntry.CLIENT_LEFT;
      }
      add(why);
    }
  }

  private void add(@Nullable CloseReason unfinished) {
    var identity = context.identity();
    AccessEntry.Subject subject =
        new AccessEntry.Subject(
            listener,
            identity instanceof LoggedClient its ? its.session() : 0,
            context.peer(),
            client,
            identity.principal().map(Principal::name).orElse(null));
    log.add(
        new RequestEntry(
            subject,
            asked,
            status,
            bytes,
            begun ? System.nanoTime() - startNanos : 0,
            System.currentTimeMillis(),
            unfinished));
    begun = false;
    asked = null;
    client = null;
    status = 0;
    bytes = 0;
  }
}
