package io.baton.worker.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.credentials.CredentialFiles;
import io.baton.credentials.Identity;
import io.baton.credentials.TestFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The certificates of shop.example.net, of localhost and *.example.org, and of www.pem. */
class IdentitiesTest {
  @TempDir private Path dir;
  private List<Identity> all = List.of();
  private Identities identities;

  @BeforeEach
  void readThem() {
    all = Stream.of("rsa", "ec", "www").map(this::identity).toList();
    identities = (Identities) Identities.factory(all).getKeyManagers()[0];
  }

  private Identity identity(String name) {
    return CredentialFiles.identity(
        CredentialFiles.chain(TestFiles.put(name + ".pem", dir)),
        TestFiles.put(name + ".key", dir));
  }

  @ParameterizedTest
  @CsvSource({
    "shop.example.net, 0",
    "localhost, 1",
    "LocalHost, 1",
    "api.example.org, 1",
    "API.EXAMPLE.ORG, 1",
    "www.example.org, 2",
    "WWW.Example.org, 2",
    "example.org, 2",
    "api.example.com, 2"
  })
  void theNameChoosesTheCertificateAndAnExactOneComesFirst(String name, int chosen) {
    assertThat(identities.of(name)).isEqualTo(chosen);
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "org",
    "otherhost",
    "www.example.net",
    "a.b.example.org",
    ".example.org",
    "example.com",
    "api.example.org.evil.test",
    "127.0.0.1",
    "."
  })
  void aNameThatNoneIsForGetsTheFirst(String name) {
    assertThat(identities.of(name)).isZero();
  }

  @Test
  void anAliasIsTheNumberOfACertificateWithThatKindOfKey() {
    assertThat(identities.getServerAliases("RSA", null)).containsExactly("0");
    assertThat(identities.getServerAliases("EC", null)).containsExactly("1", "2");
    assertThat(identities.getServerAliases("EdDSA", null)).isEmpty();
    assertThat(identities.getPrivateKey("2")).isEqualTo(all.get(2).key());
    assertThat(identities.getCertificateChain("1")).containsExactlyElementsOf(all.get(1).chain());
  }
}
