package io.baton.manager.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.baton.config.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the status over HTTP on a loopback address, read-only.
 *
 * <ul>
 *   <li>{@code /} a page for people, {@code /status} JSON, {@code /metrics} Prometheus text
 *   <li>{@code /healthz} 200 while the manager's thread answers
 *   <li>{@code /readyz} 200 while clients are served, else 503
 * </ul>
 *
 * <p>Each connection has a virtual thread, so that a slow client holds up nobody. At most {@value
 * #MAX_CONNECTIONS} are open, none for long without a whole request; {@value #MAX_RENDERED} pages
 * are made at a time, health checks not counted. Requests under a name that is not ours get a 421,
 * see {@link AdminHosts}.
 */
public final class AdminHttp implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminHttp.class);

  private static final int MAX_CONNECTIONS = 256;
  private static final int MAX_RENDERED = 4;

  /** What else wants a page meanwhile waits so long. */
  private static final long RENDERED_WITHIN_S = 5;

  private static final String TEXT = "text/plain; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore rendering = new Semaphore(MAX_RENDERED);
  private final AdminHosts hosts;
  private final Callable<Status> status;
  private final String policy;

  private record Answer(int code, String type, String body) {}

  private interface Renderer {
    Answer render(Status status);
  }

  /**
   * Listens.
   *
   * @param status how things are now; may block
   * @throws IOException with a line that says why not
   */
  public AdminHttp(Settings.Admin admin, Callable<Status> status) throws IOException {
    this.status = status;
    this.hosts = new AdminHosts(admin.hosts());
    // The JDK's server has no other way to set them (in seconds).
    System.setProperty("sun.net.httpserver.maxReqTime", "5");
    System.setProperty("sun.net.httpserver.maxRspTime", "10");
    System.setProperty("sun.net.httpserver.idleInterval", "5");
    System.setProperty("jdk.httpserver.maxConnections", Integer.toString(MAX_CONNECTIONS));
    try {
      server = HttpServer.create(new InetSocketAddress(admin.host(), admin.port()), 0);
    } catch (IOException e) {
      throw new IOException(
          "the admin server cannot listen on %s:%d: %s"
              .formatted(admin.host(), admin.port(), e.getMessage()),
          e);
    }
    server.setExecutor(threads);
    String page = resource("status.html");
    policy = policy(page);
    serve("/", page(_ -> new Answer(200, "text/html; charset=utf-8", page)));
    serve("/status", page(s -> new Answer(200, "application/json", StatusJson.render(s))));
    serve("/metrics", page(s -> new Answer(200, Metrics.CONTENT_TYPE, Metrics.render(s))));
    serve("/healthz", _ -> render(_ -> new Answer(200, TEXT, "ok\n")));
    serve(
        "/readyz",
        _ ->
            render(s ->
                s.isReady()
                    ? new Answer(200, TEXT, "ready\n")
                    : new Answer(503, TEXT, "not ready\n")));
    server.start();
  }

  /** Only the page's own script runs, and it speaks to us only. */
  private static String policy(String page) {
    String script =
        page.substring(page.indexOf("<script>") + "<script>".length(), page.indexOf("</script>"));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'sha256-"
          + Base64.getEncoder().encodeToString(hash)
          + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private void serve(String path, Function<HttpExchange, Answer> answerer) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            respond(exchange, answer(exchange, path, answerer));
          }
        });
  }

  /** Of those that are not made for everybody at once, and not for everybody. */
  private Function<HttpExchange, Answer> page(Renderer renderer) {
    return exchange -> {
      String host = Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Host"), "");
      if (!hosts.admit(host)) {
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
        return render(renderer);
      } finally {
        rendering.release();
      }
    };
  }

  private Answer answer(
      HttpExchange exchange, String path, Function<HttpExchange, Answer> answerer) {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      return new Answer(404, TEXT, "try /, /status, /metrics, /healthz or /readyz\n");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return new Answer(405, TEXT, "only GET and HEAD are allowed\n");
    }
    return answerer.apply(exchange);
  }

  private Answer render(Renderer renderer) {
    try {
      return renderer.render(status.call());
    } catch (TimeoutException _) {
      return new Answer(503, TEXT, "the manager's thread does not answer\n");
    } catch (Exception e) {
      log.error("the status cannot be shown", e);
      return new Answer(500, TEXT, e + "\n");
    }
  }

  private void respond(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", answer.type());
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Content-Security-Policy", policy);
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Referrer-Policy", "no-referrer");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(answer.code(), -1);
    } else {
      exchange.sendResponseHeaders(answer.code(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String resource(String name) {
    try (InputStream in = Objects.requireNonNull(AdminHttp.class.getResourceAsStream(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }
}
