package io.baton.service.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.AskException;
import io.baton.service.AskException.Reason;
import io.baton.service.ServiceOffer;
import io.baton.service.Services.Registration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestServicesTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final TestServices services = new TestServices();

  private String ask(String name, String question) {
    byte[] answer =
        services.ask(name, "key", question.getBytes(UTF_8), SECOND).toCompletableFuture().join();
    return new String(answer, UTF_8);
  }

  private void assertFails(Reason reason) {
    assertThatThrownBy(() -> ask("echo", "?"))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(AskException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void whoOffersAnswersUntilTheOfferIsClosed() {
    Registration offer = services.offer("echo", question -> question.content());
    assertThat(ask("echo", "hello")).isEqualTo("hello");
    assertThatThrownBy(() -> services.offer("echo", question -> question.content()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the service echo is offered already");
    offer.close();
    assertFails(Reason.NOBODY);
    assertThat(services.asked()).hasSize(2).allMatch(each -> "key".equals(each.key()));
  }

  @Test
  void anExceptionOfTheResponderIsTold() {
    services.offer(
        "echo",
        question -> {
          throw new IllegalArgumentException("no");
        });
    assertThatThrownBy(() -> ask("echo", "?"))
        .hasRootCauseMessage("FAILED: java.lang.IllegalArgumentException: no");
  }

  @Test
  void theTestHasAsksFail() {
    services.offer("echo", question -> question.content());
    services.fail("echo", Reason.TIMEOUT);
    assertFails(Reason.TIMEOUT);
    services.recover("echo");
    assertThat(ask("echo", "hello")).isEqualTo("hello");
  }

  @Test
  void aWatchIsToldOfEachChangeUntilItIsClosed() {
    List<List<ServiceOffer>> told = new ArrayList<>();
    Registration watch = services.watch("echo", told::add);
    services.offer("echo", question -> question.content()).close();
    watch.close();
    services.offer("echo", question -> question.content());
    assertThat(told).containsExactly(List.of(), List.of(new ServiceOffer(0, 0)), List.of());
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S", "PT1H0.1S"})
  void aTimeoutIsMoreThanNothingAndAtMostAnHour(String timeout) {
    assertThatThrownBy(() -> services.ask("echo", null, new byte[0], Duration.parse(timeout)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(timeout);
  }

  @Test
  void namesKeysAndQuestionsAreChecked() {
    assertThatThrownBy(() -> services.ask("", null, new byte[0], SECOND))
        .hasMessage("a service's name has 1 to 190 bytes in UTF-8, this one 0");
    assertThatThrownBy(() -> services.ask("a\n", null, new byte[0], SECOND))
        .hasMessage("a service's name has no control characters");
    assertThatThrownBy(() -> services.ask("\ud800", null, new byte[0], SECOND))
        .hasMessage("a service's name has no half of a surrogate pair");
    assertThatThrownBy(() -> services.ask("a", "k".repeat(256), new byte[0], SECOND))
        .hasMessage("a key is a text of at most 255 bytes in UTF-8");
    assertThatThrownBy(() -> services.ask("a", null, new byte[65_537], SECOND))
        .hasMessage("a question has at most 65536 bytes, this one 65537");
  }
}
