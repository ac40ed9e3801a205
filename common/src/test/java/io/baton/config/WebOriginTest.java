package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebOriginTest {

  @ParameterizedTest
  @CsvSource({
    "https://chat.example.com, https://chat.example.com",
    "HTTPS://Chat.Example.com:443, https://chat.example.com",
    "http://localhost:80, http://localhost",
    "http://localhost:8080, http://localhost:8080",
    "http://127.0.0.1:8443, http://127.0.0.1:8443",
    "http://[2001:DB8::1]:8080, http://[2001:db8::1]:8080",
    "chrome-extension://abcdef, chrome-extension://abcdef",
  })
  void isWrittenAsBrowsersWriteIt(String text, String written) {
    assertThat(WebOrigin.parse(text)).hasToString(written);
    assertThat(WebOrigin.parse(written)).isEqualTo(WebOrigin.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "*",
        "chat.example.com",
        "https://",
        "https:///",
        "https://a/",
        "https://a/b",
        "https://a?b",
        "https://a#b",
        "https://u@a",
        "https://a b",
        "https://a:",
        "https://a:x",
        "https://a:123456",
        "https://a, https://b",
        "://a",
        "https://[::1",
        "https://::1"
      })
  void isNone(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> WebOrigin.parse(text));
  }

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @CsvSource({
    "https://chat.example.com, chat.example.com, true", // behind a proxy that ends TLS
    "http://chat.example.com, chat.example.com, true",
    "https://chat.example.com, CHAT.example.com, true",
    "https://chat.example.com, chat.example.com:443, true",
    "http://chat.example.com, chat.example.com:, true",
    "http://localhost:8080, localhost:8080, true",
    "http://[::1]:8080, [::1]:8080, true",
    "http://chat.example.com, chat.example.com:8080, false",
    "https://chat.example.com, chat.example.com:80, false",
    "https://chat.example.com:8443, chat.example.com, false",
    "https://example.com, chat.example.com, false",
    "https://chat.example.com.evil.com, chat.example.com, false",
    "https://evil-chat.example.com, chat.example.com, false",
    "http://localhost:8080, localhost:8081, false",
    "http://127.0.0.1:8080, localhost:8080, false",
    "chrome-extension://abcdef, abcdef:443, false",
    "https://chat.example.com, '', false",
    "https://chat.example.com, chat.example.com:99999999, false",
  })
  void isThatOfAHostWithTheSameNameAndPort(String origin, String host, boolean same) {
    assertThat(WebOrigin.parse(origin).isOf(host)).isEqualTo(same);
  }

  @Test
  void theSchemeTellsOriginsApart() {
    assertThat(WebOrigin.parse("http://a")).isNotEqualTo(WebOrigin.parse("https://a"));
  }
}
