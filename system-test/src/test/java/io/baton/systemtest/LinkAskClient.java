package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.Option;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** A client of {@link LinkAsksModule}, with what it has noted. */
final class LinkAskClient extends LinkAskPeer implements AutoCloseable {
  private static final int TIMEOUT_SECONDS = 90;
  private static final List<Kind> ENDING =
      List.of(Kind.NOW, Kind.LATER, Kind.FAIL, Kind.CANCEL, Kind.TIMEOUT);

  private final String name;
  private final Collection<String> notes = new ConcurrentLinkedQueue<>();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();
  private final CompletableFuture<Duration> goingAway = new CompletableFuture<>();
  private final LinkSession<LinkWords, LinkWords> session;
  private int asked;

  /**
   * @param name what the ids of its questions begin with
   */
  LinkAskClient(String where, String name, Option... options) throws LinkException {
    this.name = name;
    this.session = Link.open(where, LinkModule.TYPES, LinkModule.TYPES, this, options);
  }

  @Override
  void note(String line) {
    notes.add(line);
  }

  @Override
  public void received(LinkSession<LinkWords, LinkWords> of, LinkWords message) {
    if (message instanceof LinkWords.Answer(String text)) {
      answers.add(text);
    } else {
      super.received(of, message);
    }
  }

  @Override
  public void goingAway(LinkSession<LinkWords, LinkWords> of, Duration comeBack) {
    goingAway.complete(comeBack);
  }

  @Override
  public void closed(LinkSession<LinkWords, LinkWords> of, Ending why) {
    super.closed(of, why);
    ending.complete(why);
  }

  LinkSession<LinkWords, LinkWords> session() {
    return session;
  }

  Collection<String> notes() {
    return notes;
  }

  CompletableFuture<LinkWords> asks(Kind kind) {
    return ask(session, kind, name + ".c" + ++asked);
  }

  /** Has the service ask. */
  void isAsked(Kind kind) {
    says("ask " + kind + " " + name + ".s" + ++asked);
  }

  void says(String message) {
    assertThat(session.send(new LinkWords.Question(message))).isTrue();
  }

  long pid() throws InterruptedException {
    says("pid");
    String pid = answers.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    assertThat(pid).as("the worker of %s", session.id()).isNotNull();
    return Long.parseLong(pid);
  }

  /** Asks and is asked a few questions at random, all of which end by themselves. */
  List<CompletableFuture<LinkWords>> round(RandomGenerator random) {
    List<CompletableFuture<LinkWords>> own = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      isAsked(ENDING.get(random.nextInt(ENDING.size())));
      own.add(asks(ENDING.get(random.nextInt(ENDING.size()))));
    }
    return own;
  }

  Ending ending() throws Exception {
    return ending.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  /** Waits until the server says that it is about to stop. */
  Duration goingAway() throws Exception {
    return goingAway.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    session.close();
    Ending end = ending.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    assertThat(end.isLost()).as("%s", end).isFalse();
  }
}
