package io.baton.systemtest;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One page in a browser without a screen, asked through the DevTools protocol. */
final class Browser implements AutoCloseable {
  private static final Pattern LISTENING =
      Pattern.compile("DevTools listening on ws://127\\.0\\.0\\.1:(\\d+)/");

  private final Path log;
  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private @Nullable Dialogue devTools;
  private int asked;

  /**
   * Starts it; {@link #open} a page next.
   *
   * @param directory for its files, which are gone only when it is
   */
  Browser(Path directory) throws IOException {
    log = directory.resolve("err");
    process =
        new ProcessBuilder(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--no-proxy-server",
                "--ignore-certificate-errors", // of certificates that no authority it knows has
                // issued
                "--user-data-dir=" + directory.resolve("profile"),
                "--remote-debugging-port=0",
                "about:blank")
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(log.toFile())
            .start();
  }

  /** Loads a page. */
  Browser open(URI page) throws IOException, InterruptedException {
    String said =
        Wait.until(
            "the browser has started",
            () -> Files.readString(log),
            text -> !process.isAlive() || LISTENING.matcher(text).find());
    Matcher port = LISTENING.matcher(said);
    if (!port.find()) {
      throw new AssertionError("the browser did not start: " + said);
    }
    HttpRequest tab =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port.group(1) + "/json/new?" + page))
            .PUT(HttpRequest.BodyPublishers.noBody())
            .build();
    String answer = http.send(tab, BodyHandlers.ofString()).body();
    Object url = requireNonNull(Json.object(answer).get("webSocketDebuggerUrl"), answer);
    devTools = Dialogue.with(http, URI.create((String) url));
    return this;
  }

  /** Lays the page out as on the screen of a phone of this size, in CSS pixels. */
  void phone(int width, int height) throws IOException, InterruptedException {
    var _ =
        command(
            "Emulation.setDeviceMetricsOverride",
            "{\"width\":%d,\"height\":%d,\"deviceScaleFactor\":1,\"mobile\":true}"
                .formatted(width, height));
  }

  /**
   * Returns what an expression of JavaScript is in the page, or its promise ends with, as a text.
   */
  String ask(String expression) throws IOException, InterruptedException {
    Map<String, @Nullable Object> answer =
        command(
            "Runtime.evaluate",
            "{\"awaitPromise\":true,\"expression\":\"%s\"}"
                .formatted(
                    "Promise.resolve(" + expression.replace("\"", "\\\"") + ").then(String)"));
    if (String.valueOf(answer).contains("exceptionDetails=")) {
      throw new AssertionError(expression + " has thrown: " + answer);
    }
    Object value =
        ((Map<?, ?>) requireNonNull(answer.get("result"), answer::toString)).get("result");
    return String.valueOf(((Map<?, ?>) requireNonNull(value, answer::toString)).get("value"));
  }

  private Map<String, @Nullable Object> command(String method, String parameters)
      throws IOException, InterruptedException {
    Dialogue tools = requireNonNull(devTools, "open() comes first");
    int id = ++asked;
    tools.say("{\"id\":%d,\"method\":\"%s\",\"params\":%s}".formatted(id, method, parameters));
    Map<String, @Nullable Object> answer = Json.object(tools.heardText());
    if (!Integer.valueOf(id).equals(answer.get("id"))) {
      throw new AssertionError("not the answer to " + method + " " + parameters + ": " + answer);
    }
    return answer;
  }

  /** The text of the element with this id. */
  String text(String id) throws IOException, InterruptedException {
    return ask("document.getElementById('" + id + "')?.textContent");
  }

  @Override
  public void close() {
    if (devTools != null) {
      devTools.close();
    }
    http.shutdownNow();
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    Wait.until(
        "the browser's processes have ended", () -> all.stream().noneMatch(ProcessHandle::isAlive));
  }
}
