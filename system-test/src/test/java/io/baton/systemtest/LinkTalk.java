package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Option;
import io.baton.testing.server.Ports;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client of Link that asks {@link LinkModule.Questions}, and what it has been told. */
final class LinkTalk implements LinkHandler<LinkWords, LinkWords>, AutoCloseable {
  private static final int TIMEOUT_SECONDS = 90;

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();
  private final LinkSession<LinkWords, LinkWords> session;

  /** Opens a session at an address. */
  LinkTalk(String where, Option... options) throws LinkException {
    session = Link.open(where, LinkModule.TYPES, LinkModule.TYPES, this, options);
  }

  /**
   * Adds a listener of {@link LinkModule}'s services to a server.
   *
   * @param settings of the listener besides endpoint and codec, as in the configuration
   * @return its port
   */
  static int listen(TestServer server, String name, String settings) throws IOException {
    int port = Ports.free(1).getFirst();
    server.configure(
        "listeners." + name,
        "{ endpoint = \"tcp://127.0.0.1:%d\", codec = link, placement = round-robin, %s }"
            .formatted(port, settings));
    return port;
  }

  static Option credential(String text) {
    return Link.credential(text.getBytes(UTF_8));
  }

  static Option token(String text) {
    return Link.token(text.getBytes(UTF_8));
  }

  LinkSession<LinkWords, LinkWords> session() {
    return session;
  }

  @Override
  public void received(LinkSession<LinkWords, LinkWords> of, LinkWords message) {
    told.add(message instanceof LinkWords.Answer(String text) ? text : message.toString());
  }

  @Override
  public void away(LinkSession<LinkWords, LinkWords> of) {
    told.add("away");
  }

  @Override
  public void back(LinkSession<LinkWords, LinkWords> of) {
    told.add("back");
  }

  @Override
  public void closed(LinkSession<LinkWords, LinkWords> of, Ending why) {
    ending.complete(why);
  }

  /** Returns what the handler is told next: an answer, {@code away} or {@code back}. */
  String next() throws InterruptedException {
    @Nullable String next = told.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    assertThat(next).as("the next of a session that is %s", session.state()).isNotNull();
    return next;
  }

  /** Waits until the handler is told this, whatever it is told before. */
  void awaits(String text) throws InterruptedException {
    while (!next().equals(text)) {
      // something else
    }
  }

  void says(String question) {
    assertThat(session.send(new LinkWords.Question(question))).isTrue();
  }

  /** Returns the answer to a question, which is the next thing that the handler is told. */
  String asks(String question) throws InterruptedException {
    says(question);
    return next();
  }

  /** Returns the worker that has the session. */
  long pid() throws InterruptedException {
    return Long.parseLong(asks("pid"));
  }

  /** Waits for the end of the session. */
  Ending ending() throws Exception {
    return ending.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  boolean hasEnded() {
    return ending.isDone();
  }

  /** Closes the session in order, and waits until that is done. */
  @Override
  public void close() {
    session.close();
    Ending end = ending.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    assertThat(end.isLost()).as("%s", end).isFalse();
  }
}
