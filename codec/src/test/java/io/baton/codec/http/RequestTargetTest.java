package io.baton.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {

  @ParameterizedTest
  @CsvSource({
    "/hello, /hello",
    "/%68ello, /hello",
    "/a?b=/c, /a",
    "http://host/a?b, /a",
    "https://host, /",
    "http://host?x, /",
    "/gr%C3%BC%C3%9Fe, /grüße",
    "/a%2Fb, /a%2Fb",
    "/a%2fb, /a%2Fb",
    "/100%25, /100%25",
    "/a%252Fb, /a%252Fb",
    "/a%2525, /a%2525",
    "/a/../b, /a/../b",
    "/a+b, /a+b",
  })
  void isDecodedOnceAndNeverTwoNames(String target, String path) {
    assertThat(RequestTarget.path(target)).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/%",
        "/%4",
        "/%zz",
        "/%4g", // no encoding
        "/%FF",
        "/%C3",
        "/%C3%28",
        "/%C0%AF",
        "/%ED%A0%80", // no UTF-8
        "/\u20AC" // cannot come from a client
      })
  void ofAMalformedTargetNothingIsThere(String target) {
    assertThat(RequestTarget.path(target)).isEmpty();
  }

  @Test
  void bytesThatAClientDidNotEncodeAreTheSameName() {
    byte[] raw = "/grüße".getBytes(StandardCharsets.UTF_8);
    String target = new String(raw, StandardCharsets.ISO_8859_1); // as the decoder hands it out
    assertThat(RequestTarget.path(target)).isEqualTo("/grüße");
    assertThat(RequestTarget.path(target)).isEqualTo(RequestTarget.path("/gr%C3%BC%C3%9Fe"));
  }
}
