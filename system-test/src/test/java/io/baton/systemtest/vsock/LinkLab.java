package io.baton.systemtest.vsock;

import static io.baton.systemtest.vsock.Lab.require;

import io.baton.link.Ending;
import io.baton.link.Incoming;
import io.baton.link.Link;
import io.baton.link.LinkClock;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Option;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client of Link in the guest: its session over vsock, and the checks that it makes. */
final class LinkLab implements LinkHandler<LabWords, LabWords>, AutoCloseable {
  private static final String WHERE = "vsock://1:7100/lab";
  private static final int TIMEOUT_SECONDS = 120;
  private static final int MESSAGES = 200;

  private final BlockingQueue<LabWords.Answered> answers = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> received = new CompletableFuture<>();
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();
  private final LinkSession<LabWords, LabWords> session;
  private int asked;

  LinkLab() throws LinkException {
    Option patient = Link.connectTimeout(Duration.ofSeconds(TIMEOUT_SECONDS));
    session = Link.open(WHERE, LabLinkModule.TYPES, LabLinkModule.TYPES, this, patient);
  }

  @Override
  public void received(LinkSession<LabWords, LabWords> of, LabWords message) {
    if (message instanceof LabWords.Answered answer) {
      answers.add(answer);
    }
  }

  @Override
  public void streamed(LinkSession<LabWords, LabWords> of, Incoming stream) {
    try (InputStream in = stream.input()) {
      received.complete(LabLinkModule.sum(in));
    } catch (IOException e) {
      received.completeExceptionally(e);
    }
  }

  @Override
  public void closed(LinkSession<LabWords, LabWords> of, Ending why) {
    ending.complete(why);
  }

  /** The next answer, which has the next number. */
  private LabWords.Answered answer() throws InterruptedException {
    LabWords.Answered answer = answers.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    require(answer != null, "no answer; the session is %s", session.state());
    asked++;
    require(answer.number() == asked, "%s instead of number %d", answer, asked);
    return answer;
  }

  /** Exchanges a message; the worker that has the session. */
  long worker() throws InterruptedException {
    return asks("where").worker();
  }

  private LabWords.Answered asks(String about) throws InterruptedException {
    session.send(new LabWords.Asked(about));
    return answer();
  }

  @Override
  public void close() {
    session.close();
    Ending end = ending.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    require(!end.isLost() && end.code() == 18, "it ends with %s", end);
  }

  // ---- the checks ----

  static void link() throws Exception {
    try (LinkLab lab = new LinkLab()) {
      for (int i = 0; i < MESSAGES; i++) {
        lab.session.send(new LabWords.Asked("message " + i));
      }
      for (int i = 0; i < MESSAGES; i++) {
        LabWords.Answered answer = lab.answer();
        require(answer.text().equals("message " + i), "%s as answer to message %d", answer, i);
      }
      String peer = lab.session.peer().toString();
      require(peer.startsWith("vsock:1:"), "the peer is %s", peer);
    }
  }

  static void linkStream() throws Exception {
    String sum = LabLinkModule.sum(LabLinkModule.bytes());
    try (LinkLab lab = new LinkLab()) {
      lab.session.send(new LabWords.Asked("stream"));
      var sent =
          lab.session.stream("up", LabLinkModule.bytes(), OptionalLong.of(LabLinkModule.LENGTH));
      sent.done().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      String its = lab.answer().text();
      require(its.equals(sum), "the service has received %s, not %s", its, sum);
      String mine = lab.received.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      require(mine.equals(sum), "the client has received %s, not %s", mine, sum);
    }
  }

  /** Client and worker have one clock. */
  static void linkClock() throws Exception {
    try (LinkLab lab = new LinkLab()) {
      LinkClock clock = lab.session.clock();
      Guest.await(
          "both sides know the other's clock",
          () -> !lab.asks("clock").text().isEmpty() && clock.offset().isPresent());
      long bound = clock.bound().orElseThrow();
      requireNone(clock.offset().orElseThrow(), bound);
      String[] words = lab.asks("clock").text().split(" ", 2);
      requireNone(Long.parseLong(words[0]), Long.parseLong(words[1]));
    }
  }

  private static void requireNone(long offset, long bound) {
    require(Math.abs(offset) <= bound, "an offset of %d ns, at most %d ns wrong", offset, bound);
  }
}
