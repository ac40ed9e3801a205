package io.baton.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthenticationTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "a\nb", "a\u0000"})
  void aPrincipalsNameIsOneOfALog(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Principal(name));
  }

  @Test
  void aPrincipalIsSmall() {
    assertThat(new Principal("ä".repeat(128)).attributes()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Principal("ä".repeat(129)))
        .withMessageContaining("258");
    Map<String, String> most = Map.of("k", "v".repeat(Principal.MAX_BYTES - 2));
    assertThat(new Principal("a", most).attributes()).isEqualTo(most);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Principal("ab", most))
        .withMessageContaining("4097");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", " Basic", "Basic realm=\"a\"\r\nX: y", "Basic realm=\"ä\""})
  void aChallengeIsOneHeadersValue(String challenge) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Authentication.Unauthenticated(challenge));
  }

  @Test
  void aChallengeIsBounded() {
    String longest = "x".repeat(Authentication.Unauthenticated.MAX_CHALLENGE);
    assertThat(new Authentication.Unauthenticated(longest).challenge()).isEqualTo(longest);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Authentication.Unauthenticated(longest + "x"));
  }

  @Test
  void aClientIsNotToldToWaitForEver() {
    assertThat(new Authentication.Unavailable(Duration.ZERO).retryAfter()).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Authentication.Unavailable(Duration.ofSeconds(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Authentication.Unavailable(Duration.ofHours(25)));
  }

  @Test
  void aFieldThatIsThereTwiceHasNoValue() {
    RequestHead head =
        new RequestHead(
            "GET",
            "/a?token=secret",
            List.of(
                new RequestHead.Field("Authorization", "one"),
                new RequestHead.Field("authorization", "two"),
                new RequestHead.Field("Cookie", "three")));
    assertThat(head.field("AUTHORIZATION")).isEmpty();
    assertThat(head.fields("Authorization")).containsExactly("one", "two");
    assertThat(head.field("cookie")).contains("three");
    assertThat(head.field("x")).isEmpty();
    assertThat(head).hasToString("GET /a");
  }

  @Test
  void aCredentialIsBoundedAndCannotBeChanged() {
    AuthenticationRequest.Connection connection =
        new AuthenticationRequest.Connection(
            "web", new Peer.Unix(1, 2), Optional.empty(), List.of());
    byte[] bytes = new byte[AuthenticationRequest.Credential.MAX_BYTES];
    AuthenticationRequest.Credential credential =
        new AuthenticationRequest.Credential(connection, "chat", ByteBuffer.wrap(bytes));
    bytes[0] = 1;
    assertThat(credential.bytes().get(0)).isZero();
    assertThat(credential.bytes().isReadOnly()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new AuthenticationRequest.Credential(
                connection, "chat", ByteBuffer.allocate(bytes.length + 1)));
  }
}
