package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Option;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A client of Link that exchanges numbered messages with {@link LinkModule.Numbers}: each side
 * receives those of the other once and in their order, or says what is wrong.
 */
final class LinkSeries implements LinkHandler<LinkWords, LinkWords> {
  private static final int TIMEOUT_SECONDS = 150;

  /** The longest message has a few bytes around these. */
  private static final int LONGEST = (1 << 20) - 64;

  private final CompletableFuture<Ending> ending = new CompletableFuture<>();
  private final LinkSession<LinkWords, LinkWords> session;
  private final RandomGenerator random;
  private final int longest;
  private long sent;
  private long received;
  private @Nullable String flaw;

  /**
   * @param longest length of a message, in bytes
   */
  LinkSeries(String where, RandomGenerator random, int longest, Option... options)
      throws LinkException {
    this.random = random;
    this.longest = Math.min(longest, LONGEST);
    this.session = Link.open(where, LinkModule.TYPES, LinkModule.TYPES, this, options);
  }

  @Override
  public synchronized void received(LinkSession<LinkWords, LinkWords> of, LinkWords message) {
    if (flaw == null && message instanceof LinkWords.Part part) {
      String its = part.flaw(++received);
      flaw = its.isEmpty() ? null : its;
    }
    notifyAll();
  }

  @Override
  public synchronized void closed(LinkSession<LinkWords, LinkWords> of, Ending why) {
    ending.complete(why);
    notifyAll();
  }

  /** Sends for as long as it is to, then waits for the rest of the answers. */
  void exchange(BooleanSupplier goesOn) throws InterruptedException {
    while (goesOn.getAsBoolean() && isSound()) {
      sends();
    }
    sends();
    awaits(0);
  }

  /** Sends one message, whose length and whose answer's are as often small as large. */
  void sends() {
    if (session.send(LinkWords.Part.of(sent + 1, length(), length()))) {
      sent++;
    }
  }

  private int length() {
    int most = 1 << random.nextInt(21);
    return Math.min(longest, most / 2 + random.nextInt(most / 2 + 1));
  }

  private synchronized boolean isSound() {
    return flaw == null && !ending.isDone();
  }

  /** Waits until all but so many of the answers have come. */
  synchronized void awaits(int missing) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (received < sent - missing && isSound() && System.nanoTime() < end) {
      wait(1_000);
    }
  }

  /** Everything has come, once and whole, and the session is there. */
  synchronized void assertComplete() {
    assertThat(flaw).as("%s, which has ended with %s", this, ending).isNull();
    assertThat(ending.isDone()).as("%s has ended: %s", this, ending.getNow(null)).isFalse();
    assertThat(received).as("%s", this).isEqualTo(sent);
  }

  synchronized long received() {
    return received;
  }

  void close() throws Exception {
    session.close();
    Ending end = ending.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    assertThat(end.isLost()).as("%s", end).isFalse();
  }

  @Override
  public synchronized String toString() {
    return "session %s, %s: %d sent, %d answers"
        .formatted(session.id(), session.state(), sent, received);
  }
}
