package io.baton.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.AskException;
import io.baton.service.AskException.Reason;
import io.baton.service.ServiceOffer;
import io.baton.service.Services;
import io.baton.service.Services.Registration;
import io.baton.worker.delivery.ModuleServices;
import io.baton.worker.delivery.ServiceRegistry;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Modules of two real workers that ask each other. */
@Timeout(30)
final class ServicesTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final ServiceRegistry[] registries = {new ServiceRegistry(), new ServiceRegistry()};
  private final URLClassLoader loader = new URLClassLoader(new URL[0]);
  private final Relay relay;

  ServicesTest() throws Exception {
    relay = new Relay("", _ -> List.of());
  }

  private void begin() {
    for (int worker = 0; worker < registries.length; worker++) {
      relay.worker(worker).services().begin(registries[worker]);
    }
  }

  @AfterEach
  void close() throws Exception {
    relay.close();
    loader.close();
  }

  private Services of(int worker) {
    return ModuleServices.of("test", loader, registries[worker]);
  }

  private String ask(int worker, String name, @Nullable String key, String question)
      throws Exception {
    byte[] answer =
        of(worker).ask(name, key, question.getBytes(UTF_8), LONG).toCompletableFuture().get();
    return new String(answer, UTF_8);
  }

  private void awaitOffers(int worker, String name, int count) throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    try (Registration _ =
        of(worker)
            .watch(
                name,
                offers -> {
                  if (offers.size() == count) {
                    seen.countDown();
                  }
                })) {
      seen.await();
    }
  }

  private void assertFails(int worker, String name, Reason reason, String text) {
    assertThatThrownBy(() -> ask(worker, name, null, "?"))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(AskException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessage(text);
  }

  @Test
  void aKeyHasOneHolderWhoeverAsks() throws Exception {
    for (int worker = 0; worker < 2; worker++) {
      String its = "worker " + worker;
      of(worker).offer("who", question -> (its + " " + question.key()).getBytes(UTF_8));
    }
    begin();
    awaitOffers(0, "who", 2);
    awaitOffers(1, "who", 2);
    Set<String> holders = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 50; i++) {
      String answer = ask(0, "who", "key" + i, "?");
      assertThat(ask(1, "who", "key" + i, "?")).isEqualTo(answer).endsWith(" key" + i);
      holders.add(answer.substring(0, 8));
    }
    assertThat(holders).containsExactlyInAnyOrder("worker 0", "worker 1");
  }

  @Test
  void respondersAndWhatDependsOnAnswersRunInVirtualThreadsWithTheModulesClassLoader()
      throws Exception {
    of(0).offer("thread", _ -> thread().getBytes(UTF_8));
    begin();
    awaitOffers(1, "thread", 1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    of(0)
        .offer(
            "later",
            question -> {
              mayAnswer.await();
              return question.content();
            });
    awaitOffers(1, "later", 1);
    CompletableFuture<String> dependent =
        of(1).ask("later", null, new byte[0], LONG).thenApply(_ -> thread()).toCompletableFuture();
    mayAnswer.countDown();
    assertThat(dependent.get()).isEqualTo("virtual true");
    assertThat(ask(1, "thread", null, "?")).isEqualTo("virtual true");
  }

  private String thread() {
    return (Thread.currentThread().isVirtual() ? "virtual " : "platform ")
        + loader.equals(Thread.currentThread().getContextClassLoader());
  }

  @Test
  void aResponderThatFailsIsTold() throws Exception {
    of(0)
        .offer(
            "fails",
            _ -> {
              throw new IllegalStateException("x".repeat(1_000));
            });
    of(0).offer("long", _ -> new byte[Services.MAX_MESSAGE_BYTES + 1]);
    begin();
    awaitOffers(1, "long", 1);
    String cut = "java.lang.IllegalStateException: " + "x".repeat(467);
    assertFails(1, "fails", Reason.FAILED, "FAILED: " + cut);
    assertFails(0, "fails", Reason.FAILED, "FAILED: " + cut);
    assertFails(
        1,
        "long",
        Reason.FAILED,
        "FAILED: java.lang.IllegalStateException: an answer has at most 65536 bytes, this one"
            + " 65537");
  }

  @Test
  void theLongestQuestionsAndAnswersArrive() throws Exception {
    of(0).offer("echo", question -> question.content());
    begin();
    awaitOffers(1, "echo", 1);
    byte[] longest = new byte[Services.MAX_MESSAGE_BYTES];
    longest[longest.length - 1] = 7;
    String key = "k".repeat(Services.MAX_KEY_BYTES);
    assertThat(of(1).ask("echo", key, longest, LONG).toCompletableFuture().get())
        .isEqualTo(longest);
  }

  @Test
  void beforeTheWorkerHasStartedNobodyIsThere() {
    assertFails(0, "a", Reason.NOBODY, "NOBODY: this worker has not started yet");
  }

  @Test
  void modulesDoNotSeeEachOthersServices() throws Exception {
    ModuleServices.of("other", loader, registries[0]).offer("a", question -> question.content());
    begin();
    assertFails(0, "a", Reason.NOBODY, "NOBODY: no worker offers this service");
  }

  @Test
  void aTimeoutIsToldWhileTheResponderGoesOn() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    of(0)
        .offer(
            "slow",
            question -> {
              answered.await();
              return question.content();
            });
    begin();
    awaitOffers(1, "slow", 1);
    assertThatThrownBy(() ->
            of(1).ask("slow", null, new byte[0], Duration.ofMillis(20)).toCompletableFuture().get())
        .hasRootCauseMessage("TIMEOUT: worker 0 has not answered in time");
    answered.countDown();
  }

  @Test
  void anOfferThatIsClosedIsGoneAndTheNameMayBeOfferedAgain() throws Exception {
    Registration first = of(0).offer("a", _ -> new byte[0]);
    begin();
    awaitOffers(1, "a", 1);
    first.close();
    awaitOffers(1, "a", 0);
    assertFails(1, "a", Reason.NOBODY, "NOBODY: no worker offers this service");
    of(0).offer("a", question -> question.content());
    first.close(); // changes nothing
    awaitOffers(1, "a", 1);
    assertThat(ask(1, "a", null, "hello")).isEqualTo("hello");
  }

  @Test
  void namesAreTakenOnceAndBounded() {
    for (int i = 0; i < Services.MAX_OFFERS; i++) {
      of(0).offer("a" + i, question -> question.content());
    }
    assertThatThrownBy(() -> of(0).offer("a0", question -> question.content()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this worker offers the service already");
    assertThatThrownBy(() -> of(0).offer("b", question -> question.content()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this worker offers 128 services already");
  }

  @Test
  void aWatchThatFailsIsToldOfTheNextChange() throws Exception {
    BlockingQueue<List<ServiceOffer>> told = new LinkedBlockingQueue<>();
    begin();
    try (Registration _ =
        of(1)
            .watch(
                "a",
                offers -> {
                  told.add(offers);
                  throw new IllegalStateException("an error of the test");
                })) {
      assertThat(told.take()).isEmpty();
      of(0).offer("a", question -> question.content());
      assertThat(told.take()).containsExactly(new ServiceOffer(0, 0));
    }
  }

  @Test
  void theAnswersOfAWorkerThatLeavesStillArriveAndItsSuccessorIsAsked() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    of(0)
        .offer(
            "a",
            question -> {
              asked.countDown();
              mayAnswer.await();
              return question.content();
            });
    begin();
    awaitOffers(1, "a", 1);
    CompletableFuture<byte[]> early =
        of(1).ask("a", null, "early".getBytes(UTF_8), LONG).toCompletableFuture();
    asked.await();
    relay.drain(0, 60_000);
    awaitOffers(1, "a", 0); // it is to be asked nothing any more
    of(1).offer("a", _ -> "another".getBytes(UTF_8));
    awaitOffers(1, "a", 1);
    assertThat(ask(1, "a", null, "?")).isEqualTo("another");
    assertThat(early).isNotDone();
    mayAnswer.countDown();
    assertThat(early.get()).isEqualTo("early".getBytes(UTF_8));
    assertThat(relay.worker(0).awaitEnd()).isEqualTo(Worker.End.DRAINED);
  }
}
