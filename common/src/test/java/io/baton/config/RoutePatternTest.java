package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RoutePatternTest {

  @ParameterizedTest
  @CsvSource({
    "/,                                '',     '',            /",
    "/*,                               '',     '',            /*",
    "/a%2Fb%25/ä,                      '',     '',            /a%2Fb%25/ä",
    "/api/{id}/*,                      '',     '',            /api/{id}/*",
    "GET /a,                           GET,    '',            /a",
    "API.Example.com/{a-b}/{c_2},      '',     api.example.com, /{a-b}/{c_2}",
    "DELETE *.example.com/*,           DELETE, *.example.com, /*",
    "[::1]/,                           '',     [::1],         /",
  })
  void aPatternHasAMethodAHostAndAPath(String text, String method, String host, String path) {
    assertThat(RoutePattern.parse(text)).isEqualTo(new RoutePattern(method, host, path));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hello              | a path such as",
        "''                 | a path such as",
        "GET hello          | a path such as",
        "get /a             | before the space one of the methods GET, HEAD,",
        "TRACE /a           | before the space one of the methods",
        "' /a'              | before the space one of the methods",
        "GET  /a            | before the path a host without a port",
        "a.org:80/a         | before the path a host without a port",
        "a.*.org/a          | before the path a host without a port",
        "/{id               | a parameter between two slashes",
        "/id}               | a parameter between two slashes",
        "/a{id}             | a parameter between two slashes",
        "/{}                | a parameter between two slashes",
        "/{1}               | a parameter between two slashes",
        "/{a}/{a}           | each name of a parameter once: {a}",
        "/a*                | a * only at the end of a path",
        "/*/a               | a * only at the end of a path",
        "/**                | a * only at the end of a path",
        "/a/../b            | a path without . and ..",
        "/./*               | a path without . and ..",
        "/a?b               | a path without spaces, ?, # and %",
        "/a#b               | a path without spaces, ?, # and %",
        "/%41               | a path without spaces, ?, # and %",
        "GET /a b           | a path without spaces, ?, # and %",
      })
  void aPatternThatCannotBeMeantIsRefused(String text, String allowed) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RoutePattern.parse(text))
        .withMessageStartingWith(allowed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/{b}", "/a/{c}"})
  void namesOfParametersDoNotDistinguishPatterns(String text) {
    assertThat(RoutePattern.parse(text).normalized())
        .isEqualTo(RoutePattern.parse("/a/{x}").normalized());
  }

  @Test
  void methodAndHostDoDistinguishPatterns() {
    assertThat(RoutePattern.parse("GET /a").normalized())
        .isNotEqualTo(RoutePattern.parse("/a").normalized())
        .isNotEqualTo(RoutePattern.parse("GET b.org/a").normalized());
  }
}
