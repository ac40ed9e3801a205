package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.Option;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client of {@link LinkStreamsModule}, and what it and its service have told. */
final class LinkStreamClient extends LinkStreamPeer implements AutoCloseable {
  private static final int TIMEOUT_MINUTES = 15;

  private final Map<String, CompletableFuture<String>> told = new ConcurrentHashMap<>();
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();
  private final LinkSession<LinkWords, LinkWords> session;
  private long sent;
  private long received;
  private @Nullable String flaw;

  LinkStreamClient(String where, Option... options) throws LinkException {
    session = Link.open(where, LinkModule.TYPES, LinkModule.TYPES, this, options);
  }

  @Override
  void tell(LinkSession<LinkWords, LinkWords> of, String what, String how) {
    if (!of(what).complete(how)) {
      flaw("told twice: " + what + ": " + how);
    }
  }

  private CompletableFuture<String> of(String what) {
    return told.computeIfAbsent(what, _ -> new CompletableFuture<>());
  }

  @Override
  public void received(LinkSession<LinkWords, LinkWords> of, LinkWords message) {
    switch (message) {
      case LinkWords.Answer(String text) -> {
        String[] words = text.split(": ", 2);
        tell(of, words[0], words[1]);
      }
      case LinkWords.Part part -> part(part);
      case LinkWords.Question question -> flaw(question.toString());
    }
  }

  private synchronized void part(LinkWords.Part part) {
    String its = part.flaw(++received);
    if (!its.isEmpty()) {
      flaw(its);
    }
    notifyAll();
  }

  private synchronized void flaw(String its) {
    flaw = flaw == null ? its : flaw;
    notifyAll();
  }

  @Override
  public void closed(LinkSession<LinkWords, LinkWords> of, Ending why) {
    ending.complete(why);
    flaw("closed: " + why);
    told.values().forEach(each -> each.complete("the session has ended: " + why));
  }

  // ---- what it does ----

  void says(String question) {
    assertThat(session.send(new LinkWords.Question(question))).isTrue();
  }

  /** Sends the next message of a series, which is answered with one of this length. */
  void sendsPart(int length, int answer) {
    assertThat(session.send(LinkWords.Part.of(++sent, length, answer))).isTrue();
  }

  void sendFile(String name, Path file) {
    sendFile(session, name, file);
  }

  void sendBytes(String name, long length, long seed) {
    sendBytes(session, name, length, seed);
  }

  /** Waits for the answers to all messages; each has come once, whole and in order. */
  synchronized void awaitParts() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(TIMEOUT_MINUTES);
    while (received < sent && flaw == null && System.nanoTime() < end) {
      wait(1_000);
    }
    assertThat(flaw).isNull();
    assertThat(received).isEqualTo(sent);
  }

  /** Waits until this is told, and returns what. */
  String told(String what) throws Exception {
    return of(what).get(TIMEOUT_MINUTES, TimeUnit.MINUTES);
  }

  boolean isTold(String what) {
    return of(what).isDone();
  }

  /** Closes the session in order; nothing was told twice or damaged. */
  @Override
  public void close() {
    synchronized (this) {
      assertThat(flaw).isNull();
    }
    session.close();
    Ending end = ending.orTimeout(TIMEOUT_MINUTES, TimeUnit.MINUTES).join();
    assertThat(end.isLost()).as("%s", end).isFalse();
  }

  // ---- in a JVM of its own ----

  /**
   * Exchanges a message at a time while a file is sent each way; prints how both have ended.
   *
   * @param args the address, the file that is sent, the name with which it is, the same two of the
   *     service's
   */
  public static void main(String[] args) throws Exception {
    try (LinkStreamClient client = new LinkStreamClient(args[0])) {
      client.sendFile(args[2], Path.of(args[1]));
      client.says("file " + args[3] + " " + args[4]);
      long rounds = 0;
      while (!client.isTold("sent " + args[2]) || !client.isTold("received " + args[4])) {
        client.sendsPart(1_000, 1_000);
        client.awaitParts();
        rounds++;
      }
      for (String end :
          new String[] {
            "sent " + args[2],
            "received " + args[4],
            "service received " + args[2],
            "service sent " + args[4]
          }) {
        System.out.println(end + ": " + client.told(end));
      }
      System.out.println("messages meanwhile: " + (rounds > 0 ? "some" : "none"));
    }
  }
}
