package io.baton.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms of certificates and keys that are read, and each complaint as an operator reads it. */
class CredentialFilesTest {
  private static final String CHAIN =
      ", allowed a file in PEM with the server's certificate and those that lead from it to an"
          + " authority";

  private static final String KEY =
      ", allowed the certificate's private key in PEM, without a passphrase";

  private static final String KINDS =
      ", allowed RSA of at least 2048 bits, or EC on P-256, P-384 or P-521";

  private static final String TOKEN = ", allowed a file with a token of 16 to 1024 bytes";

  @TempDir private Path dir;

  @ParameterizedTest
  @CsvSource({
    "ec, ec.key, EC",
    "ec, ec-sec1.key, EC",
    "rsa, rsa.key, RSA",
    "rsa, rsa-pkcs1.key, RSA",
    "client, client.key, EC"
  })
  void eachFormOfAKeyIsRead(String certificate, String key, String algorithm) {
    Identity identity = identity(certificate, TestFiles.put(key, dir));
    assertThat(identity.key().getAlgorithm()).isEqualTo(algorithm);
    assertThat(identity.key().getFormat()).isEqualTo("PKCS#8");
    assertThat(identity.certificate().getSubjectX500Principal()).hasToString("CN=" + certificate);
    assertThat(secret(identity))
        .isEqualTo(secret(identity(certificate, TestFiles.put(certificate + ".key", dir))));
  }

  @Test
  void aKeyMayStandBehindTheParametersOfItsCurve() {
    String parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    Path key = write("k.key", parameters + TestFiles.text("ec-sec1.key"));
    assertThat(identity("ec", key)).isEqualTo(identity("ec", TestFiles.put("ec-sec1.key", dir)));
  }

  @Test
  void linesMayEndAsOnOtherSystems() {
    Path chain = write("crlf.pem", TestFiles.text("ec.pem").replace("\n", "\r\n"));
    Path key = write("crlf.key", TestFiles.text("ec-sec1.key").replace("\n", "\r\n"));
    assertThat(CredentialFiles.identity(CredentialFiles.chain(chain), key))
        .isEqualTo(identity("ec", TestFiles.put("ec-sec1.key", dir)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ec.key", "ec-sec1.key"})
  void chainAndKeyMayBeOneFileInAnyOrderWithTextBetween(String key) {
    Identity expected = identity("ec", TestFiles.put(key, dir));
    String chain = TestFiles.text("ec.pem");
    for (String text :
        List.of(
            "the key:\n" + TestFiles.text(key) + "the chain:\n" + chain,
            chain + "\nBag Attributes: <none>\n" + TestFiles.text(key))) {
      Path both = write("both.pem", text);
      assertThat(CredentialFiles.identity(CredentialFiles.chain(both), both)).isEqualTo(expected);
    }
  }

  @Test
  void aKeyInTheFileOfTheChainIsNotReadUnlessItIsAskedFor() {
    Path chain = write("c.pem", TestFiles.text("rsa-encrypted.key") + TestFiles.text("rsa.pem"));
    assertThat(CredentialFiles.chain(chain)).hasSize(2);
  }

  @Test
  void theChainIsReadInItsOrder() {
    assertThat(CredentialFiles.chain(TestFiles.put("ec.pem", dir)))
        .extracting(each -> each.getSubjectX500Principal().toString())
        .containsExactly("CN=ec", "CN=Test authority");
    assertThat(CredentialFiles.authorities(TestFiles.put("authority.pem", dir))).hasSize(1);
  }

  @Test
  void theNamesOfACertificateAreThoseOfItsHosts() {
    assertThat(identity("ec", TestFiles.put("ec.key", dir)).names())
        .containsExactly("localhost", "*.example.org");
    assertThat(identity("rsa", TestFiles.put("rsa.key", dir)).names())
        .containsExactly("shop.example.net");
    assertThat(identity("www", TestFiles.put("www.key", dir)).names())
        .as("in lower case, each once")
        .containsExactly("www.example.org", "example.org", "*.example.com");
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    Path none = dir.resolve("none.pem");
    assertRefused(none).hasMessage("found no file " + none + CHAIN);
    assertKeyRefused("ec", none).hasMessage("found no file " + none + KEY);
    assertThatThrownBy(() -> CredentialFiles.authorities(none))
        .hasMessage(
            "found no file "
                + none
                + ", allowed a file in PEM with the certificates of authorities");
  }

  @Test
  void aDirectoryIsRefused() {
    assertRefused(dir).hasMessage("found the directory " + dir + CHAIN);
    assertKeyRefused("ec", dir).hasMessage("found the directory " + dir + KEY);
  }

  @Test
  void aFileWithoutAnEndIsRefused() {
    assertRefused(Path.of("/dev/zero"))
        .hasMessage("found /dev/zero, which is no regular file" + CHAIN);
  }

  @Test
  void aFileThatCannotBeReadIsRefused() {
    Path nowhere = dir.resolve("x".repeat(256));
    assertRefused(nowhere)
        .hasMessage("found " + nowhere + ", which cannot be read (File name too long)" + CHAIN);
  }

  @Test
  void aFileThatIsTooLongIsRefused() {
    String text = TestFiles.text("ec.pem");
    int most = 1024 * 1024;
    Path longest = write("long.pem", text + "x".repeat(most - text.length()));
    assertThat(CredentialFiles.chain(longest)).hasSize(2);
    Path longer = write("longer.pem", text + "x".repeat(most - text.length() + 1));
    assertRefused(longer)
        .hasMessage("found more than 1048576 bytes in " + longer + ", allowed 1048576");
  }

  @Test
  void thereMustBeACertificate() {
    Path empty = write("empty.pem", "");
    assertRefused(empty).hasMessage("found no certificate in " + empty + CHAIN);
    Path key = TestFiles.put("ec.key", dir);
    assertRefused(key).hasMessage("found no certificate in " + key + CHAIN);
  }

  @Test
  void thereMustBeAKey() {
    Path chain = TestFiles.put("ec.pem", dir);
    assertKeyRefused("ec", chain).hasMessage("found no private key in " + chain + KEY);
  }

  @Test
  void aChainThatIsCutOffIsRefused() {
    String text = TestFiles.text("ec.pem");
    Path cut = write("cut.pem", text.substring(0, text.length() - 30));
    assertRefused(cut)
        .hasMessage("found in " + cut + " a block CERTIFICATE without its END line" + CHAIN);
  }

  @Test
  void whatIsNotInBase64IsRefused() {
    Path chain = write("c.pem", TestFiles.text("ec.pem").replaceFirst("MII", "M-II"));
    assertRefused(chain)
        .hasMessage("found in " + chain + " a block CERTIFICATE that is not in base64" + CHAIN);
    Path key = write("k.key", TestFiles.text("ec.key").replaceFirst("MIG", "M*IG"));
    assertKeyRefused("ec", key)
        .hasMessage("found in " + key + " a block PRIVATE KEY that is not in base64" + KEY);
  }

  @Test
  void aCertificateThatIsBrokenIsRefusedWithItsNumber() {
    String good = TestFiles.text("authority.pem");
    Path first = write("first.pem", good.replaceFirst("MII", "MIA"));
    assertRefused(first)
        .hasMessageStartingWith("found in " + first + " certificate 1, which is broken (")
        .hasMessageEndingWith(")" + CHAIN);
    Path second = write("second.pem", good + good.replaceFirst("MII", "MIA"));
    assertRefused(second)
        .hasMessageStartingWith("found in " + second + " certificate 2, which is broken (");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ec-encrypted.key  | ec  | a private key with a passphrase
          rsa-encrypted.key | rsa | a private key with a passphrase
          client.key        | ec  | a private key that is not the certificate's
          rsa-1024.key      | rsa | a private key that is not the certificate's
          rsa.key           | ec  | a private key that is broken or not an EC key as the certificate's
          rsa-pkcs1.key     | ec  | a private key that is broken or not an EC key as the certificate's
          ec.key            | rsa | a private key that is broken or not an RSA key as the certificate's
          ec-sec1.key       | rsa | a private key that is broken or not an RSA key as the certificate's
          ec-secp256k1.key  | ec  | a private key that is not the certificate's
          """)
  void aKeyThatIsNotTheCertificatesIsRefused(String key, String certificate, String found) {
    Path file = TestFiles.put(key, dir);
    assertKeyRefused(certificate, file).hasMessage("found in " + file + " " + found + KEY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          EC PRIVATE KEY      | MAUCAQEEAA== | an EC private key without its curve's name
          EC PRIVATE KEY      | MAUC         | an EC private key that is broken
          EC PRIVATE KEY      | ''           | an EC private key that is broken
          PRIVATE KEY         | AAEC         | a private key that is broken or not an EC key as the certificate's
          PRIVATE KEY         | ''           | a private key that is broken or not an EC key as the certificate's
          OPENSSH PRIVATE KEY | AAEC         | a key of another kind: OPENSSH PRIVATE KEY
          """)
  void aKeyThatIsBrokenIsRefused(String label, String content, String found) {
    Path file =
        write(
            "k.key", "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, content, label));
    assertKeyRefused("ec", file).hasMessage("found in " + file + " " + found + KEY);
  }

  @ParameterizedTest
  @CsvSource({
    "rsa-1024.pem, an RSA key of 1024 bits",
    "ed25519.pem, a key of another kind: EdDSA",
    "ec-secp256k1.pem, an EC key on another curve"
  })
  void aCertificateOfAKindThatNoServerMayHaveIsRefused(String name, String found) {
    Path file = TestFiles.put(name, dir);
    assertRefused(file).hasMessage("found in " + file + " a certificate with " + found + KINDS);
  }

  @Test
  void aChainOutOfOrderIsRefused() {
    Path file = write("c.pem", TestFiles.text("ec.pem") + TestFiles.text("rsa.pem"));
    assertRefused(file)
        .hasMessage(
            "found in %s certificate 3, CN=rsa, which has not issued the one before it, allowed each certificate followed by its issuer's",
            file);
    Path reversed = write("r.pem", TestFiles.text("authority.pem") + TestFiles.text("ec.pem"));
    assertRefused(reversed)
        .hasMessageStartingWith("found in %s certificate 2, CN=ec, which has not issued", reversed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw----r--", "rw-----w-", "rw-rw-rw-"})
  void aKeyThatEverybodyMayReadOrWriteIsRefused(String mode) throws Exception {
    Path key = TestFiles.put("ec.key", dir);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(mode));
    assertKeyRefused("ec", key)
        .hasMessage(
            "found %s with permissions %s, allowed a private key that others can neither read nor write, as after chmod 600 or 640",
            key, mode);
  }

  @ParameterizedTest
  @ValueSource(strings = {"r--------", "rw-r-----", "rw-rw----"})
  void aKeyThatItsGroupMayReadIsAccepted(String mode) throws Exception {
    Path key = TestFiles.put("ec.key", dir);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(mode));
    assertThat(identity("ec", key).key()).isNotNull();
  }

  /** Certificates are everybody's to read. */
  @Test
  void aChainThatEverybodyMayReadIsAccepted() throws Exception {
    Path chain = TestFiles.put("ec.pem", dir);
    Files.setPosixFilePermissions(chain, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(CredentialFiles.chain(chain)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n"})
  void aTokenIsReadWithoutTheNewlineAtItsEnd(String end) {
    for (String token : List.of("0123456789abcdef", "x".repeat(1024), "two lines\n\nof secrets")) {
      assertThat(CredentialFiles.token(write("a.token", token + end)))
          .asString(StandardCharsets.UTF_8)
          .isEqualTo(token);
    }
  }

  @Test
  void oneNewlineIsTakenFromATokenAndNoMore() {
    assertThat(CredentialFiles.token(write("a.token", "0123456789abcde\n\n")))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("0123456789abcde\n");
  }

  @ParameterizedTest
  @CsvSource({
    "0, '', 0",
    "0, '\n', 0",
    "0, '\r\n', 0",
    "15, '', 15",
    "15, '\n', 15",
    "15, '\r\n', 15",
    "1025, '', more than 1024",
    "1025, '\n', more than 1024",
    "1025, '\r\n', more than 1024",
    "9000, '', more than 1024"
  })
  void aTokenThatIsTooShortOrTooLongIsRefused(int length, String end, String found) {
    Path file = write("a.token", "s".repeat(length) + end);
    assertTokenRefused(file)
        .hasMessage("found " + found + " bytes in " + file + TOKEN)
        .hasMessageNotContaining("sss");
  }

  @Test
  void aTokenThatCannotBeReadIsRefused() {
    Path none = dir.resolve("none.token");
    assertTokenRefused(none).hasMessage("found no file " + none + TOKEN);
    assertTokenRefused(dir).hasMessage("found the directory " + dir + TOKEN);
    assertTokenRefused(Path.of("/dev/zero"))
        .hasMessage("found /dev/zero, which is no regular file" + TOKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw-----w-"})
  void aTokenThatEverybodyMayReadOrWriteIsRefused(String mode) throws Exception {
    Path file = write("a.token", "0123456789abcdef");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    assertTokenRefused(file)
        .hasMessage(
            "found %s with permissions %s, allowed a token that others can neither read nor write, as after chmod 600 or 640",
            file, mode);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertTokenRefused(Path file) {
    return assertThatThrownBy(() -> CredentialFiles.token(file))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** The number that makes the key, however it is written. */
  private static BigInteger secret(Identity identity) {
    return identity.key() instanceof ECPrivateKey ec
        ? ec.getS()
        : ((RSAPrivateKey) identity.key()).getPrivateExponent();
  }

  private Identity identity(String certificate, Path key) {
    return CredentialFiles.identity(chain(certificate), key);
  }

  private List<X509Certificate> chain(String certificate) {
    return CredentialFiles.chain(TestFiles.put(certificate + ".pem", dir));
  }

  private Path write(String name, String text) {
    return TestFiles.write(text, dir.resolve(name));
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(Path chain) {
    return assertThatThrownBy(() -> CredentialFiles.chain(chain))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertKeyRefused(
      String certificate, Path key) {
    List<X509Certificate> chain = chain(certificate);
    return assertThatThrownBy(() -> CredentialFiles.identity(chain, key))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
