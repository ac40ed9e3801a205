package io.baton.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PathPatternTest {

  @ParameterizedTest
  @CsvSource({
    "/,              /,                  true",
    "/,              /a,                 false",
    "/a,             /a?b,               true",
    "/a,             /a/,                false",
    "/a,             /%61,               true",
    "/a/*,           /a,                 false",
    "/a/*,           /a/,                true",
    "/a/*,           /a/b/c,             true",
    "/a/*,           /ab/c,              false",
    "/*,             /,                  true",
    "/{x},           /,                  false",
    "/{x},           /a,                 true",
    "/{x},           /a/b,               false",
    "/{x},           /a%2Fb,             true",
    "/{x}/,          /a/,                true",
    "/{x}/b,         //b,                false",
    "/a/{x}/*,       /a/b,               false",
    "/a/{x}/*,       /a/b/,              true",
    "/a/{x}/*,       /a//b,              false",
    "/{x}/{y},       /a/b/c,             false",
    "GET h.org/{x},  http://other/a,     true",
    "/{x},           /%zz,               false",
  })
  void aPathFitsPartByPart(String pattern, String target, boolean fits) {
    assertThat(PathPattern.of(pattern).parameters(target).isPresent()).isEqualTo(fits);
  }

  @ParameterizedTest
  @CsvSource({
    "/7,              7",
    "/7?id=8,         7",
    "/a%20b,          a b",
    "/a+b,            a+b",
    "/%C3%A4,         ä",
    "/a%2Fb,          a/b",
    "/a%2fb,          a/b",
    "/%252F,          %2F",
    "/%2525,          %25",
    "/.., ..",
  })
  void aParameterIsDecodedOnce(String target, String value) {
    assertThat(PathPattern.of("/{id}").parameters(target)).contains(Map.of("id", value));
  }

  @Test
  void allParametersAndTheRestHaveTheirNames() {
    assertThat(PathPattern.of("/a/{x}/b/{y}/*").parameters("/a/1/b/2/c/d%2Fe?q"))
        .contains(Map.of("x", "1", "y", "2", "*", "c/d/e"));
    assertThat(PathPattern.of("/a/*").parameters("/a/")).contains(Map.of("*", ""));
  }

  @Test
  void textComesBeforeAParameterAndAParameterBeforeTheRest() {
    assertThat(
            Stream.of("/*", "/{x}/b", "/a/*", "/a/b", "/a/{y}/*", "/a/{y}", "/a/b/*", "/a/b/c")
                .map(PathPattern::of)
                .sorted()
                .map(PathPattern::toString))
        .containsExactly("/a/b", "/a/b/c", "/a/b/*", "/a/{y}", "/a/{y}/*", "/a/*", "/{x}/b", "/*");
  }

  @Test
  void patternsThatFitTheSamePathsAreEqual() {
    assertThat(PathPattern.of("/a/{x}/*")).isEqualTo(PathPattern.of("/a/{y}/*"));
    assertThat(PathPattern.of("/a/{x}/*")).hasSameHashCodeAs(PathPattern.of("/a/{y}/*"));
    assertThat(PathPattern.of("/a/{x}")).isNotEqualTo(PathPattern.of("/a/{x}/"));
    assertThat(PathPattern.of("/")).isNotEqualTo(PathPattern.of("/*"));
  }
}
