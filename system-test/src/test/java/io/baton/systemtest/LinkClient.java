package io.baton.systemtest;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.json.JsonTypes;
import io.baton.link.types.Types;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A client of Link in some language, with one session whose messages are JSON. */
interface LinkClient extends AutoCloseable {
  int TIMEOUT_SECONDS = 90;

  /** How long a client goes on trying that is told to come again. */
  Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /** Opens a session; a refusal is its {@link #ending}. */
  void open(int port, String service) throws Exception;

  /** Sends a message to {@link LinkAskPeer}, and waits for nothing. */
  void says(String message) throws Exception;

  /** Takes no message from its next word on, until it is asked for its {@link #ending}. */
  void stalls() throws Exception;

  /** Asks; returns the text of the answer, or the code and the text of the refusal. */
  String asks(String question) throws Exception;

  /** Does nothing but wait for its end from now on, also over other connections. */
  default void waits() throws Exception {}

  /** Ends the session. */
  void leaves(int code, String text) throws Exception;

  /** Waits for the end of the session, or for the refusal: its code and its text. */
  String ending() throws Exception;

  /** Leaves nothing of it behind; ends no session in order. */
  @Override
  void close();

  /** Returns the code and the text, which may be empty, as one. */
  static String told(int code, @Nullable String text) {
    return (code + " " + requireNonNullElse(text, "")).strip();
  }

  /** That of Java. */
  final class OfJava extends LinkAskPeer implements LinkClient {
    private static final Types<LinkWords> TYPES = JsonTypes.of(LinkWords.class);

    private final CompletableFuture<String> ending = new CompletableFuture<>();
    private volatile CountDownLatch stalled = new CountDownLatch(0);
    private @Nullable LinkSession<LinkWords, LinkWords> session;

    @Override
    public void open(int port, String service) {
      try {
        String where = "tcp://127.0.0.1:%d/%s".formatted(port, service);
        session = Link.open(where, TYPES, TYPES, this, Link.connectTimeout(CONNECT_TIMEOUT));
      } catch (LinkException e) {
        ending.complete(told(e.code(), e.getMessage()));
      }
    }

    private LinkSession<LinkWords, LinkWords> session() {
      return requireNonNull(session, "it was refused");
    }

    @Override
    void note(String line) {}

    @Override
    public void received(LinkSession<LinkWords, LinkWords> of, LinkWords message) {
      try {
        stalled.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void stalls() {
      stalled = new CountDownLatch(1);
    }

    @Override
    public void says(String message) {
      assertThat(session().send(new LinkWords.Question(message))).isTrue();
    }

    @Override
    public String asks(String question) throws Exception {
      try {
        return ((LinkWords.Answer)
                session()
                    .ask(new LinkWords.Question(question))
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS))
            .text();
      } catch (ExecutionException e) {
        return e.getCause() instanceof LinkException its
            ? told(its.code(), its.getMessage())
            : e.toString();
      }
    }

    @Override
    public void closed(LinkSession<LinkWords, LinkWords> of, Ending why) {
      ending.complete(told(why.code(), why.text()));
    }

    @Override
    public void leaves(int code, String text) {
      session().close(code, text);
    }

    @Override
    public String ending() throws Exception {
      stalled.countDown();
      return ending.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {}
  }

  /** That of JavaScript: link.js in a browser, by WebSocket. */
  final class OfJavaScript implements LinkClient {
    private static final AtomicInteger CLIENTS = new AtomicInteger();

    /** Does in JavaScript what {@link LinkAskPeer} does. */
    private static final String PEER =
        "received: ({ text }, { channel }) => { ITS.received = channel + ': ' + text;"
            + " return ITS.stalled; },"
            + " asked: async ({ about }, { signal }) => {"
            + " const [kind, id] = about.split(' ');"
            + " signal.onabort = () => { ITS.cancelled = id; };"
            + " if (kind === 'FAIL') throw new m.LinkError(300, id);"
            + " if (kind !== 'NOW' && kind !== 'LATER') return new Promise(() => {});"
            + " return { type: 'Answer', text: id }; }";

    private final Browser browser;

    /** The name of the page's variable that has the client's session, and what it is told. */
    private final String its = "client" + CLIENTS.incrementAndGet();

    /**
     * @param browser with a page beside link.js
     */
    OfJavaScript(Browser browser) {
      this.browser = browser;
    }

    private String run(String expression) throws Exception {
      return browser.ask(expression.replace("ITS", its));
    }

    @Override
    public void open(int port, String service) throws Exception {
      var _ =
          run(
              ("(window.ITS = {}, import('./link.js').then(m => m.open('ws://127.0.0.1:%d/link',"
                      + " { service: '%s', connectTimeout: %d, closed: end => { ITS.end = end; }, %s }))"
                      + ".then(its => { ITS.session = its; }, end => { ITS.end = end; }))")
                  .formatted(port, service, CONNECT_TIMEOUT.toMillis(), PEER));
    }

    @Override
    public void says(String message) throws Exception {
      assertThat(run("ITS.session.send({ type: 'Question', about: '%s' })".formatted(message)))
          .isEqualTo("true");
    }

    @Override
    public void stalls() throws Exception {
      var _ = run("(ITS.stalled = new Promise(() => {}), true)");
    }

    @Override
    public String asks(String question) throws Exception {
      return run(
          ("ITS.session.ask({ type: 'Question', about: '%s' })"
                  + ".then(({ text }) => text, ({ code, text }) => (code + ' ' + text).trim())")
              .formatted(question));
    }

    /** Waits until the page's client has received a message on a channel. */
    void receives(String channel, String text) {
      String expected = channel + ": " + text;
      Wait.until("it has come", () -> run("ITS.received"), expected::equals);
    }

    /** Waits until the page's client is told that nobody waits for its answer. */
    void isCancelled(String id) {
      Wait.until("it is cancelled", () -> run("ITS.cancelled"), id::equals);
    }

    @Override
    public void leaves(int code, String text) throws Exception {
      var _ = run("ITS.session.close(%d, '%s')".formatted(code, text));
    }

    @Override
    public String ending() {
      return Wait.until(
          "it is over",
          () -> run("ITS.end ? (ITS.end.code + ' ' + ITS.end.text).trim() : ''"),
          end -> !end.isEmpty());
    }

    @Override
    public void close() {}
  }

  /** That of Python: docs/link.py, as a module of a script that is told what to do. */
  final class OfPython implements LinkClient {
    private static final String SCRIPT =
        """
        import sys, time, link
        words = lambda text: {"type": "Question", "about": text}
        told = lambda end: print(("%d %s" % end.args).strip(), flush=True)
        stalled = False
        def back(its):  # goes on with the session, as often as it takes
            for attempt in range(1, 200):
                offsets = [its.got - len(its.inbox), 0, 1, 0, its.got, its.got - len(its.inbox)]
                resume = b"\\1" + its.id + attempt.to_bytes(4, "big") + b"".join(map(link.varint, offsets))
                try: return link.Link(int(sys.argv[1]), sys.argv[2], resume=resume, secret=its.secret)
                except (OSError, link.LinkError) as failure:
                    if isinstance(failure, link.LinkError) and failure.args[0]: raise
                    time.sleep(0.05)
        try:
            its = link.Link(int(sys.argv[1]), sys.argv[2])
            print("open", flush=True)
            for line in map(str.rstrip, sys.stdin):
                verb, _, rest = line.partition(" ")
                if verb == "stall": stalled = True
                if verb == "say": its.send(words(rest))
                while stalled and verb == "say": its.read()
                if verb == "leave": sys.exit(its.close(int(rest.split()[0]), rest.partition(" ")[2]) and print(rest.strip()))
                if verb == "ask":
                    try: print(link.json.loads(its.ask(words(rest)))["text"], flush=True)
                    except link.LinkError as refusal: told(refusal)
            while True:
                try: its.receive()
                except (OSError, link.LinkError) as end:
                    if isinstance(end, link.LinkError) and end.args[0]: raise
                    sys.exit(f"it is back after {end}: {back(its)}")
        except link.LinkError as end: told(end)
        """;

    private final Path script;
    private @Nullable Process process;
    private @Nullable BufferedReader out;
    private String refusal = "";

    /**
     * @param directory for the script
     */
    OfPython(Path directory) throws IOException {
      script = Files.writeString(directory.resolve("session.py"), SCRIPT);
    }

    @Override
    public void open(int port, String service) throws Exception {
      ProcessBuilder builder =
          new ProcessBuilder("python3", "-B", script.toString(), String.valueOf(port), service)
              .redirectErrorStream(true);
      builder.environment().put("PYTHONPATH", TestServer.HOME.resolve("docs").toString());
      process = builder.start();
      out = process.inputReader(StandardCharsets.UTF_8);
      String said = requireNonNull(out.readLine());
      refusal = said.equals("open") ? "" : said;
    }

    private Process process() {
      return requireNonNull(process, "open() comes first");
    }

    private BufferedReader out() {
      return requireNonNull(out, "open() comes first");
    }

    private void tells(String line) throws IOException {
      OutputStream to = process().getOutputStream();
      to.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      to.flush();
    }

    @Override
    public void says(String message) throws Exception {
      tells("say " + message);
    }

    @Override
    public void stalls() throws Exception {
      tells("stall");
    }

    @Override
    public String asks(String question) throws Exception {
      tells("ask " + question);
      return requireNonNull(out().readLine(), "it has ended");
    }

    @Override
    public void leaves(int code, String text) throws Exception {
      tells("leave %d %s".formatted(code, text));
    }

    @Override
    public void waits() throws IOException {
      process().getOutputStream().close();
    }

    @Override
    public String ending() throws Exception {
      waits();
      String last = refusal + String.join("\n", out().lines().toList());
      assertThat(process().waitFor()).as(last).isZero();
      return last;
    }

    @Override
    public void close() {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }
}
