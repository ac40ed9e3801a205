package io.baton.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.codec.http.HttpService;
import io.baton.service.Authentication;
import io.baton.service.AuthenticationRequest;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.baton.service.RequestHead;
import io.baton.service.testkit.TestSession;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TokenAuthenticatorTest {
  private static final AuthenticationRequest.Connection CONNECTION =
      new AuthenticationRequest.Connection("web", new Peer.Unix(1, 2), Optional.empty(), List.of());

  /** {@code printf secret | sha256sum}. */
  private static final TokenAuthenticator ALICE =
      TokenAuthenticator.of(
          Map.of("alice", "2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B"));

  private static Authentication decide(String... authorization) {
    List<RequestHead.Field> fields =
        List.of(authorization).stream()
            .map(value -> new RequestHead.Field("authorization", value))
            .toList();
    return ALICE.authenticate(
        new AuthenticationRequest.Http(CONNECTION, "/", new RequestHead("GET", "/", fields)));
  }

  @Test
  void aTokenTellsItsOwner() {
    Authentication alice = new Authentication.Accepted(new Principal("alice"));
    assertThat(decide("Bearer secret")).isEqualTo(alice);
    assertThat(decide("bearer secret")).isEqualTo(alice);
    ByteBuffer token = ByteBuffer.wrap("secret".getBytes(StandardCharsets.US_ASCII));
    assertThat(ALICE.authenticate(new AuthenticationRequest.Credential(CONNECTION, "hello", token)))
        .isEqualTo(alice);
  }

  @Test
  void otherClientsAreAskedForOne() {
    Authentication asked = new Authentication.Unauthenticated("Bearer realm=\"baton\"");
    assertThat(decide()).isEqualTo(asked);
    assertThat(decide("Basic secret")).isEqualTo(asked);
    assertThat(decide("Bearer secret", "Bearer secret")).isEqualTo(asked);
    assertThat(decide("Bearer wrong"))
        .isEqualTo(
            new Authentication.Unauthenticated("Bearer realm=\"baton\", error=\"invalid_token\""));
  }

  @Test
  void aHashThatIsNoneIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenAuthenticator.of(Map.of("bob", "secret")))
        .withMessageContaining("baton.modules.examples.tokens.bob is \"secret\"; allowed:");
  }

  @Test
  void aClientIsToldWhoItIs() {
    TestSession<FullHttpRequest, HttpObject> test =
        TestSession.from(HttpService.of(ExamplesModule::whoAmI));
    test.open();
    FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    test.receive(request);
    test.principal(new Principal("alice")).receive(request);
    assertThat(test.sent())
        .extracting(each -> ((FullHttpResponse) each).content().toString(StandardCharsets.UTF_8))
        .containsExactly("nobody\n", "alice\n");
  }
}
