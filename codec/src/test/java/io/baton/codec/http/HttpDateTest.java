package io.baton.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDateTest {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "'Sun, 06 Nov 1994 08:49:37 GMT', 1994-11-06T08:49:37Z",
    "'Sunday, 06-Nov-94 08:49:37 GMT', 1994-11-06T08:49:37Z",
    "'Sun Nov  6 08:49:37 1994', 1994-11-06T08:49:37Z",
    "'Wed Nov 16 08:49:37 1994', 1994-11-16T08:49:37Z",
    "'Saturday, 28-Nov-26 12:00:00 GMT', 2026-11-28T12:00:00Z",
    "'Saturday, 28-Nov-76 12:00:00 GMT', 2076-11-28T12:00:00Z", // 50 years ahead
    "'Monday, 28-Nov-77 12:00:00 GMT', 1977-11-28T12:00:00Z", // would be 51
  })
  void isReadInAllFormats(String text, String at) {
    assertThat(HttpDate.parse(text, NOW)).isEqualTo(Instant.parse(at));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov 06 08:49:37 94"
      })
  void isNone(String text) {
    assertThat(HttpDate.parse(text, NOW)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1994-11-06T08:49:37Z", "2026-01-01T00:00:00Z", "1970-01-01T00:00:00Z"})
  void whatIsWrittenCanBeRead(String at) {
    String text = HttpDate.format(Instant.parse(at));
    assertThat(text).hasSize(29);
    assertThat(HttpDate.parse(text)).isEqualTo(Instant.parse(at));
  }
}
