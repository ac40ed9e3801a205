package io.baton.manager.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 */
public final class AdminHttp implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminHttp.class);

  private static final int THREADS = 2;
  private static final int MAX_WAITING = 64;
  private static final String TEXT = "text/plain; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService threads;
  private final Callable<Status> status;

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
  public AdminHttp(String host, int port, Callable<Status> status) throws IOException {
    this.status = status;
    // A client that sends or reads slowly must not hold one of the few threads for ever (seconds).
    System.setProperty("sun.net.httpserver.maxReqTime", "10");
    System.setProperty("sun.net.httpserver.maxRspTime", "10");
    try {
      server = HttpServer.create(new InetSocketAddress(host, port), 0);
    } catch (IOException e) {
      throw new IOException(
          "the admin server cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
    }
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().daemon().name("admin-http-", 0).factory());
    server.setExecutor(threads);
    String page = resource("status.html");
    serve("/", _ -> new Answer(200, "text/html; charset=utf-8", page));
    serve("/status", s -> new Answer(200, "application/json", StatusJson.render(s)));
    serve("/metrics", s -> new Answer(200, Metrics.CONTENT_TYPE, Metrics.render(s)));
    serve("/healthz", _ -> new Answer(200, TEXT, "ok\n"));
    serve(
        "/readyz",
        s -> s.isReady() ? new Answer(200, TEXT, "ready\n") : new Answer(503, TEXT, "not ready\n"));
    server.start();
  }

  private void serve(String path, Renderer renderer) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            respond(exchange, answer(exchange, path, renderer));
          }
        });
  }

  private Answer answer(HttpExchange exchange, String path, Renderer renderer) {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      return new Answer(404, TEXT, "try /, /status, /metrics, /healthz or /readyz\n");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return new Answer(405, TEXT, "only GET and HEAD are allowed\n");
    }
    try {
      return renderer.render(status.call());
    } catch (TimeoutException _) {
      return new Answer(503, TEXT, "the manager's thread does not answer\n");
    } catch (Exception e) {
      log.error("{} failed", path, e);
      return new Answer(500, TEXT, e + "\n");
    }
  }

  private static void respond(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
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
