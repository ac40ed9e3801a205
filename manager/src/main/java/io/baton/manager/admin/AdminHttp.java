package io.baton.manager.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.config.Settings;
import io.baton.manager.history.LoadHistory;
import io.baton.manager.history.ServerEvents;
import io.baton.pipe.SessionRef;
import io.baton.posix.DescriptorUse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the status over HTTP on a loopback address, read-only.
 *
 * <ul>
 *   <li>{@code /} a page for people, {@code /status} JSON, {@code /metrics} Prometheus text
 *   <li>{@code /history} the load of the last 15 minutes, {@code /events} what has happened, JSON
 *   <li>{@code /sessions/ID} one session as JSON, else 404
 *   <li>{@code /healthz} 200 while the manager's thread answers
 *   <li>{@code /readyz} 200 while clients are served, else 503
 * </ul>
 *
 * <p>A connection has one request, which has to come within {@value #REQUEST_MS} ms; see {@link
 * AdminConnections} for how many there may be. {@value #MAX_RENDERED} pages are made at a time,
 * health checks not counted. Requests under a name that is not ours get a 421, see {@link
 * AdminHosts}.
 */
public final class AdminHttp implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminHttp.class);

  private static final int REQUEST_MS = 5_000;
  private static final int MAX_RENDERED = 4;

  /** What else wants a page meanwhile waits so long. */
  private static final long RENDERED_WITHIN_S = 5;

  /** Of what else a client has sent, so much is read: closing must not be a reset. */
  private static final int MAX_UNREAD = 64 * 1024;

  private static final String SESSIONS = "/sessions/";

  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";

  private final AdminConnections connections;
  private final Semaphore rendering = new Semaphore(MAX_RENDERED);
  private final AdminHosts hosts;
  private final Callable<Status> status;
  private final SessionSource sessions;
  private final LoadHistory history;
  private final ServerEvents events;
  private final String page;
  private final String policy;

  private record Answer(int code, String type, String body) {}

  /** What makes an answer. */
  private interface Renderer {
    Answer render() throws Exception;
  }

  /** What makes an answer of the status. */
  private interface StatusRenderer {
    Answer render(Status status);
  }

  /**
   * Listens.
   *
   * @param status how things are now; may block
   * @param sessions how single sessions are now
   * @param history for the page
   * @param events for the page
   * @throws IOException with a line that says why not
   */
  public AdminHttp(
      Settings.Admin admin,
      Callable<Status> status,
      SessionSource sessions,
      LoadHistory history,
      ServerEvents events)
      throws IOException {
    this.status = status;
    this.sessions = sessions;
    this.history = history;
    this.events = events;
    this.hosts = new AdminHosts(admin.hosts());
    this.page = resource("status.html");
    this.policy = policy(page);
    this.connections = new AdminConnections(admin, this::serve);
  }

  /** Only the page's own script runs, and it speaks to us only. */
  private static String policy(String page) {
    String script =
        page.substring(page.indexOf("<script>") + "<script>".length(), page.indexOf("</script>"));
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(script.getBytes(UTF_8));
      return "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src"
          + " 'sha256-"
          + Base64.getEncoder().encodeToString(hash)
          + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private void serve(Socket client) throws IOException {
    Answer answer;
    boolean body = true;
    try {
      AdminRequest request = AdminRequest.read(client, REQUEST_MS);
      body = !request.method().equals("HEAD");
      answer = answer(request);
    } catch (AdminRequest.MalformedException e) {
      answer = new Answer(400, TEXT, e.getMessage() + "\n");
    }
    OutputStream out = client.getOutputStream();
    byte[] content = answer.body().getBytes(UTF_8);
    out.write(head(answer, content.length).getBytes(UTF_8));
    if (body) {
      out.write(content);
    }
    client.shutdownOutput();
    InputStream in = client.getInputStream();
    in.skipNBytes(Math.min(in.available(), MAX_UNREAD));
  }

  private Answer answer(AdminRequest request) {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return new Answer(405, TEXT, "only GET and HEAD are allowed\n");
    }
    return switch (request.path()) {
      case "/" -> status(request, _ -> new Answer(200, "text/html; charset=utf-8", page));
      case "/status" ->
          status(request, s -> new Answer(200, JSON, StatusJson.render(s.with(DescriptorUse::of))));
      case "/metrics" ->
          status(
              request,
              s ->
                  new Answer(200, Metrics.CONTENT_TYPE, Metrics.render(s.with(DescriptorUse::of))));
      case "/history" ->
          page(request, () -> new Answer(200, JSON, HistoryJson.ofSamples(history.all())));
      case "/events" ->
          page(request, () -> new Answer(200, JSON, HistoryJson.ofEvents(events.all())));
      case "/healthz" -> render(_ -> new Answer(200, TEXT, "ok\n"));
      case "/readyz" ->
          render(s ->
              s.isReady()
                  ? new Answer(200, TEXT, "ready\n")
                  : new Answer(503, TEXT, "not ready\n"));
      default ->
          request.path().startsWith(SESSIONS)
              ? page(request, () -> session(request.path().substring(SESSIONS.length())))
              : new Answer(
                  404,
                  TEXT,
                  "try /, /status, /history, /events, /metrics, /sessions/ID, /healthz or"
                      + " /readyz\n");
    };
  }

  private Answer session(String name) throws TimeoutException, InterruptedException {
    Optional<SessionRef> key = SessionName.parse(name);
    if (key.isEmpty()) {
      return new Answer(400, TEXT, SessionName.complaint(name) + "\n");
    }
    return switch (sessions.session(key.get())) {
      case SessionAnswer.Found found -> new Answer(200, JSON, SessionJson.render(found));
      case SessionAnswer.Unknown unknown -> new Answer(404, TEXT, unknown.why() + "\n");
      case SessionAnswer.Missing missing -> new Answer(503, TEXT, missing.why() + "\n");
    };
  }

  private Answer status(AdminRequest request, StatusRenderer renderer) {
    return page(request, () -> renderer.render(status.call()));
  }

  /** One of those that are not made for everybody at once, and not for everybody. */
  private Answer page(AdminRequest request, Renderer renderer) {
    if (!hosts.admit(request.host())) {
      return new Answer(
          421, TEXT, "this is not the host that was asked for; admin.hosts lists its names\n");
    }
    try {
      if (!rendering.tryAcquire(RENDERED_WITHIN_S, TimeUnit.SECONDS)) {
        return new Answer(503, TEXT, "too many requests\n");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new Answer(503, TEXT, "the server stops\n");
    }
    try {
      return answer(renderer);
    } finally {
      rendering.release();
    }
  }

  private Answer render(StatusRenderer renderer) {
    return answer(() -> renderer.render(status.call()));
  }

  private Answer answer(Renderer renderer) {
    try {
      return renderer.render();
    } catch (TimeoutException _) {
      return new Answer(503, TEXT, "the manager's thread does not answer\n");
    } catch (Exception e) {
      log.error("the status cannot be shown", e);
      return new Answer(500, TEXT, e + "\n");
    }
  }

  private String head(Answer answer, int length) {
    return """
    HTTP/1.1 %d %s\r
    Date: %s\r
    Content-Type: %s\r
    Content-Length: %d\r
    Connection: close\r
    %sCache-Control: no-store\r
    X-Content-Type-Options: nosniff\r
    Content-Security-Policy: %s\r
    Cross-Origin-Resource-Policy: same-origin\r
    Referrer-Policy: no-referrer\r
    \r
    """
        .formatted(
            answer.code(),
            reason(answer.code()),
            DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)),
            answer.type(),
            length,
            answer.code() == 405 ? "Allow: GET, HEAD\r\n" : "",
            policy);
  }

  private static String reason(int code) {
    return switch (code) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 421 -> "Misdirected Request";
      case 500 -> "Internal Server Error";
      case 503 -> "Service Unavailable";
      default -> throw new IllegalArgumentException("status " + code);
    };
  }

  private static String resource(String name) {
    try (InputStream in = Objects.requireNonNull(AdminHttp.class.getResourceAsStream(name))) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    connections.close();
  }
}
