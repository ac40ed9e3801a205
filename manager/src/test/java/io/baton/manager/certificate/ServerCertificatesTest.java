package io.baton.manager.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Configuration;
import io.baton.config.SettingsReader;
import io.baton.credentials.CredentialFiles;
import io.baton.credentials.Credentials;
import io.baton.credentials.Identity;
import io.baton.credentials.TestFiles;
import io.baton.manager.certificate.ServerCertificate.Limit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerCertificatesTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("2027-01-01T12:00:00Z");
  private static final ServerCertificate CERTIFICATE =
      new ServerCertificate(
          "web",
          List.of("example.org", "www.example.org"),
          Path.of("/c.pem"),
          Limit.own(START),
          Limit.own(END));

  @TempDir Path dir;

  @Test
  void certificatesAreThoseOfTheListenersThatHaveTls() throws Exception {
    ServerCertificates certificates =
        ServerCertificates.of(
            read(
                """
                web { endpoint = "unix:w", codec = http, service = s, tls.certificates = [%s, %s] }
                shop { endpoint = "unix:s", codec = http, service = s, tls.certificates = [%s] }
                plain { endpoint = "unix:p", codec = http, service = s }
                """
                    .formatted(
                        TestFiles.identity("ec", dir),
                        TestFiles.identity("rsa", dir),
                        TestFiles.identity("rsa", dir))));
    assertThat(certificates.all()).hasSize(3);
    assertThat(certificates.of("web"))
        .extracting(ServerCertificate::names)
        .containsExactly(List.of("localhost", "*.example.org"), List.of("shop.example.net"));
    assertThat(certificates.of("shop"))
        .extracting(ServerCertificate::chain)
        .containsExactly(dir.resolve("rsa.pem"));
    assertThat(certificates.of("plain")).isEmpty();
    assertThat(certificates.of("web").getFirst().expires())
        .isEqualTo(Limit.own(Instant.parse("2126-11-04T22:29:43Z")));
  }

  @Test
  void aChainIsValidOnlyAsLongAsAllItsCertificatesAre() throws Exception {
    ServerCertificates certificates =
        ServerCertificates.of(
            read(
                """
                web { endpoint = "unix:w", codec = http, service = s, tls.certificates = [%s] }
                """
                    .formatted(TestFiles.identity("chained", dir))));
    Instant begin = Instant.parse("2026-02-01T00:00:00Z");
    Instant end = Instant.parse("2090-01-01T00:00:00Z");
    ServerCertificate chained = certificates.all().getFirst();
    assertThat(chained.name()).isEqualTo("chained.example.org");
    assertThat(chained.validFrom()).isEqualTo(new Limit(begin, "CN=Test issuer"));
    assertThat(chained.expires()).isEqualTo(new Limit(end, "CN=Test issuer"));

    String whose =
        "certificate of issuer CN=Test issuer, in the chain of that for chained.example.org of"
            + " listener web,";
    Path file = dir.resolve("chained.pem");
    assertThat(certificates.problems(begin)).isEmpty();
    assertThat(certificates.problems(begin.minus(Duration.ofDays(2))))
        .first()
        .asString()
        .startsWith(whose + " is not valid yet: it will be in 2 days (" + begin);
    assertThat(certificates.problems(end.minus(Duration.ofDays(12))))
        .containsExactly(
            "%s expires in 12 days (%s, %s); put its successor into the file and run bin/reload"
                .formatted(whose, end, file));
    assertThat(certificates.problems(end.plus(Duration.ofDays(2))))
        .first()
        .asString()
        .startsWith(whose + " expired 2 days ago (")
        .endsWith("; put its successor into the file and run bin/reload");
  }

  @Test
  void aCertificateWithoutHostsHasTheNameOfItsSubject() throws Exception {
    Credentials.Files files =
        new Credentials.Files(TestFiles.put("authority.pem", dir), TestFiles.put("ec.key", dir));
    PrivateKey anyKey =
        CredentialFiles.identity(CredentialFiles.chain(TestFiles.put("ec.pem", dir)), files.key())
            .key();
    Identity authority = new Identity(CredentialFiles.authorities(files.chain()), anyKey);
    assertThat(ServerCertificate.of("web", files, authority).name()).startsWith("CN=");
  }

  private Configuration read(String listeners) throws Exception {
    Path file = dir.resolve("baton.conf");
    Files.writeString(file, "baton.listeners {\n" + listeners + "}\n");
    return SettingsReader.read(file, Map.of(), dir);
  }

  @Test
  void aCertificateWithMoreThan21DaysLeftIsNoProblem() {
    assertThat(problems(START)).isEmpty();
    assertThat(problems(END.minus(Duration.ofDays(21)).minusSeconds(1))).isEmpty();
  }

  @Test
  void aCertificateThatSoonExpiresIsToBeRenewed() {
    assertThat(problems(END.minus(Duration.ofDays(21))))
        .containsExactly(
            "certificate for example.org of listener web expires in 21 days"
                + " (2027-01-01T12:00:00Z, /c.pem); renew it and run bin/reload");
    assertThat(problems(END.minus(Duration.ofHours(47))))
        .first()
        .asString()
        .contains(" in 1 day (");
    assertThat(problems(END)).first().asString().contains(" expires in less than a day (");
  }

  @Test
  void aCertificateThatHasExpiredIsSaidToBeRefused() {
    assertThat(problems(END.plusSeconds(1)))
        .first()
        .asString()
        .contains(" expired less than a day ago (");
    assertThat(problems(END.plus(Duration.ofDays(3))))
        .containsExactly(
            "certificate for example.org of listener web expired 3 days ago"
                + " (2027-01-01T12:00:00Z, /c.pem) and clients refuse it;"
                + " renew it and run bin/reload");
  }

  @Test
  void aCertificateThatIsNotValidYetIsSaidToBeRefused() {
    assertThat(problems(START)).isEmpty();
    assertThat(problems(START.minus(Duration.ofHours(30))))
        .containsExactly(
            "certificate for example.org of listener web is not valid yet: it will be in 1 day"
                + " (2026-01-01T00:00:00Z, /c.pem); until then clients refuse it,"
                + " unless the server's clock is wrong");
  }

  private static List<String> problems(Instant now) {
    return new ServerCertificates(List.of(CERTIFICATE)).problems(now);
  }
}
