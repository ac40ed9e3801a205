package io.baton.credentials;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
  private static final String TOKEN = "not everybody may know this";

  @TempDir private Path dir;
  private Identity ec;
  private Credentials some;

  @BeforeEach
  void readSome() {
    ec = identity("ec");
    Path authority = TestFiles.put("authority.pem", dir);
    some =
        new Credentials(
            Map.of(files("ec"), ec, files("rsa"), identity("rsa")),
            Map.of(authority, CredentialFiles.authorities(authority)),
            Map.of(
                dir.resolve("chat.token"),
                TOKEN.getBytes(UTF_8),
                dir.resolve("room.token"),
                new byte[16]));
  }

  private Credentials.Files files(String name) {
    return new Credentials.Files(dir.resolve(name + ".pem"), dir.resolve(name + ".key"));
  }

  private Identity identity(String name) {
    return CredentialFiles.identity(
        CredentialFiles.chain(TestFiles.put(name + ".pem", dir)),
        TestFiles.put(name + ".key", dir));
  }

  @Test
  void whatIsEncodedIsDecodedToTheSame() {
    assertThat(Credentials.decode(some.encode())).isEqualTo(some);
    assertThat(Credentials.decode(Credentials.NONE.encode())).isEqualTo(Credentials.NONE);
    assertThat(Credentials.decode(some.encode()).identity(files("ec"))).isEqualTo(ec);
    assertThat(Credentials.decode(some.encode()).token(dir.resolve("chat.token")))
        .asString(UTF_8)
        .isEqualTo(TOKEN);
  }

  @Test
  void credentialsWithOtherTokensAreOthers() {
    Credentials same = Credentials.decode(some.encode());
    assertThat(same.hashCode()).isEqualTo(some.hashCode());
    Path file = dir.resolve("chat.token");
    Credentials one = withTokens(Map.of(file, TOKEN.getBytes(UTF_8)));
    assertThat(withTokens(Map.of(file, TOKEN.getBytes(UTF_8)))).isEqualTo(one);
    assertThat(withTokens(Map.of(file, new byte[16]))).isNotEqualTo(one);
    assertThat(withTokens(Map.of(dir, TOKEN.getBytes(UTF_8)))).isNotEqualTo(one);
    assertThat(Credentials.NONE).isNotEqualTo(one);
  }

  private static Credentials withTokens(Map<Path, byte[]> tokens) {
    return new Credentials(Map.of(), Map.of(), tokens);
  }

  @Test
  void whoIsGivenATokenCannotChangeIt() {
    Path file = dir.resolve("chat.token");
    some.token(file)[0]++;
    assertThat(some.token(file)).asString(UTF_8).isEqualTo(TOKEN);
  }

  @Test
  void whatIsCutOffAnywhereIsRefused() {
    Credentials one = new Credentials(Map.of(files("ec"), ec), some.authorities(), some.tokens());
    byte[] all = one.encode();
    for (int length = 0; length < all.length; length++) {
      byte[] cut = Arrays.copyOf(all, length);
      assertThatThrownBy(() -> Credentials.decode(cut))
          .as("the first %d bytes", length)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void whatIsLongerThanItShouldBeIsRefused() {
    byte[] all = some.encode();
    byte[] longer = Arrays.copyOf(all, all.length + 1);
    assertThatThrownBy(() -> Credentials.decode(longer))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anIdentityWithoutACertificateIsRefused() {
    byte[] names = {0, 1, 'c', 0, 1, 'k'};
    byte[] encoded =
        ByteBuffer.allocate(26)
            .putInt(1)
            .put(names)
            .putInt(0)
            .putInt(0)
            .putInt(0)
            .putInt(0)
            .array();
    assertThatThrownBy(() -> Credentials.decode(encoded))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNumberThatIsNegativeIsRefused() {
    for (byte[] encoded :
        new byte[][] {
          ByteBuffer.allocate(12).putInt(-1).putInt(0).putInt(0).array(),
          ByteBuffer.allocate(12).putInt(0).putInt(-1).putInt(0).array(),
          ByteBuffer.allocate(12).putInt(0).putInt(0).putInt(-1).array()
        }) {
      assertThatThrownBy(() -> Credentials.decode(encoded))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aByteThatChangesOnItsWayIsRefusedOrChangesWhatIsRead() {
    byte[] all = new Credentials(Map.of(files("ec"), ec), Map.of(), some.tokens()).encode();
    for (int at = 0; at < all.length; at++) {
      byte[] changed = all.clone();
      changed[at] ^= (byte) 0x80;
      Throwable thrown = catchThrowable(() -> Credentials.decode(changed));
      if (thrown != null) {
        assertThat(thrown).as("byte %d", at).isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void whatWasNotReadIsAnInconsistency() {
    Credentials.Files others = files("others");
    assertThatThrownBy(() -> some.identity(others)).hasMessage("not read: " + others);
    Path file = dir.resolve("others.pem");
    assertThatThrownBy(() -> some.authorities(file)).hasMessage("not read: " + file);
    assertThatThrownBy(() -> some.token(file)).hasMessage("not read: " + file);
  }

  @Test
  void noTextShowsAToken() {
    assertThat(some.toString())
        .contains("chat.token")
        .doesNotContain(TOKEN, "[B@", Base64.getEncoder().encodeToString(TOKEN.getBytes(UTF_8)));
  }

  @Test
  void noTextShowsAKey() {
    byte[] key = ec.key().getEncoded();
    String texts =
        String.join("\n", ec.toString(), some.toString(), String.valueOf(some.identities()));
    assertThat(texts)
        .contains("ec.key", "CN=ec, which expires at 2126-11-04T22:29:43Z")
        .doesNotContain(Base64.getEncoder().encodeToString(key).substring(48, 64))
        .doesNotContainIgnoringCase(HexFormat.of().formatHex(key, 40, 56))
        .doesNotContain("[B@", "PrivateKey");
  }
}
