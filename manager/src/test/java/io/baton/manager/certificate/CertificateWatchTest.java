package io.baton.manager.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.certificate.ServerCertificate.Limit;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CertificateWatchTest {
  private static final Instant END = Instant.parse("2027-01-01T00:00:00Z");
  private static final ServerCertificates CERTIFICATES =
      new ServerCertificates(List.of(certificate("a.org", END)));

  private final List<String> said = new ArrayList<>();
  private Instant now = END.minus(Duration.ofDays(22));
  private final CertificateWatch watch = new CertificateWatch(() -> now, said::add);

  private static ServerCertificate certificate(String name, Instant end) {
    Instant start = end.minus(Duration.ofDays(90));
    return new ServerCertificate(
        "web", List.of(name), Path.of("/c.pem"), Limit.own(start), Limit.own(end));
  }

  /** Every ten seconds. */
  private void pass(Duration time) {
    for (Instant until = now.plus(time); now.isBefore(until); now = now.plusSeconds(10)) {
      watch.tick(1, CERTIFICATES);
    }
  }

  @Test
  void aCertificateThatIsValidForLongIsNotMentioned() {
    pass(Duration.ofDays(1).minusSeconds(60));
    assertThat(said).isEmpty();
  }

  @Test
  void aCertificateThatSoonExpiresIsMentionedOnceADay() {
    pass(Duration.ofDays(4));
    assertThat(said).hasSize(4);
    assertThat(said.get(0)).contains("expires in 21 days");
    assertThat(said.get(1)).contains("expires in 20 days");
  }

  @Test
  void aCertificateThatExpiresIsMentionedWithinAMinuteAndThenOnceADay() {
    now = END.minus(Duration.ofHours(1));
    pass(Duration.ofHours(1).plusSeconds(70));
    assertThat(said).hasSize(2);
    assertThat(said.getLast()).contains("expired less than a day ago");
    pass(Duration.ofDays(2));
    assertThat(said).hasSize(4);
    assertThat(said.getLast()).contains("expired 2 days ago");
  }

  @Test
  void anotherGenerationMentionsItsCertificatesAtOnce() {
    now = END.minus(Duration.ofDays(5));
    watch.tick(1, CERTIFICATES);
    watch.tick(2, CERTIFICATES);
    watch.tick(2, CERTIFICATES);
    assertThat(said).hasSize(2);
  }

  @Test
  void aRenewedCertificateIsNotMentionedAnyMore() {
    now = END.minus(Duration.ofDays(5));
    watch.tick(1, CERTIFICATES);
    said.clear();
    ServerCertificates renewed =
        new ServerCertificates(List.of(certificate("a.org", END.plus(Duration.ofDays(60)))));
    watch.tick(2, renewed);
    now = now.plus(Duration.ofDays(2));
    watch.tick(2, renewed);
    assertThat(said).isEmpty();
  }

  @Test
  void aClockThatIsSetBackDoesNotSilenceTheWatch() {
    now = END.plus(Duration.ofDays(400));
    watch.tick(1, CERTIFICATES);
    now = END.minus(Duration.ofDays(3));
    watch.tick(1, CERTIFICATES);
    assertThat(said).hasSize(2);
    assertThat(said.getLast()).contains("expires in 3 days");
  }

  @Test
  void ofSeveralCertificatesEachIsMentioned() {
    now = END.minus(Duration.ofDays(5));
    watch.tick(
        1,
        new ServerCertificates(
            List.of(
                certificate("a.org", END),
                certificate("b.org", END),
                certificate("c.org", END.plus(Duration.ofDays(60))))));
    assertThat(said).hasSize(2);
    assertThat(said.get(1)).startsWith("certificate for b.org of listener web");
  }
}
