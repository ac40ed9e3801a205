package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PathsTest {
  private static final Paths PATHS =
      paths(
          "/*",
          "GET /api/{id}",
          "POST /api/{name}",
          "/api/list",
          "DELETE /api/{id}/*",
          "api.org/v1/*",
          "GET api.org/v1/{x}",
          "*.org/v1/*",
          "*.b.org/v1/*",
          "[::1]/v1/*",
          "HEAD /head",
          "GET /head",
          "/any",
          "PUT /any");

  private static Paths paths(String... patterns) {
    return new Paths(List.of(patterns));
  }

  private static RequestKey key(String method, String host, String target) {
    return new RequestKey(method, host, target);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    x,            /api/1,          GET /api/{id}",
    "HEAD,   x,            /api/1,          GET /api/{id}",
    "POST,   x,            /api/1,          POST /api/{name}",
    "PUT,    x,            /api/1,          ",
    "PUT,    x,            /api/list,       /api/list",
    "DELETE, x,            /api/1/,         DELETE /api/{id}/*",
    "GET,    x,            /api/1/2,        ",
    "GET,    x,            /api/,           /*",
    "HEAD,   x,            /head,           HEAD /head",
    "GET,    x,            /head,           GET /head",
    "PUT,    x,            /any,            PUT /any",
    "BREW,   x,            /any,            /any",
    "GET,    api.org,      /v1/1,           GET api.org/v1/{x}",
    "POST,   api.org,      /v1/1,           ",
    "POST,   api.org,      /v1/1/2,         api.org/v1/*",
    "GET,    API.org:8080, /v1/,            api.org/v1/*",
    "GET,    api.org.,     /v1/,            api.org/v1/*",
    "GET,    a.org,        /v1/1,           *.org/v1/*",
    "GET,    a.b.org,      /v1/1,           *.b.org/v1/*",
    "GET,    b.org,        /v1/1,           *.org/v1/*",
    "GET,    org,          /v1/1,           /*",
    "GET,    api.org,      /v2,             /*",
    "GET,    [::1]:80,     /v1/1,           [::1]/v1/*",
    "GET,    [::1],        /v1/1,           [::1]/v1/*",
    "GET,    '',           /v1/1,           /*",
  })
  void hostAndPathDecideBeforeTheMethod(
      String method, String host, String target, String expected) {
    assertThat(PATHS.find(key(method, host, target))).isEqualTo(expected);
  }

  @Test
  void methodsThatHaveAPatternAreAllowed() {
    assertThat(PATHS.allowed(key("PUT", "x", "/api/1"))).containsExactly("GET", "HEAD", "POST");
    assertThat(PATHS.allowed(key("POST", "api.org", "/v1/1"))).containsExactly("GET", "HEAD");
    assertThat(PATHS.allowed(key("GET", "x", "/api/1"))).isEmpty();
    assertThat(paths("/a").allowed(key("GET", "x", "/b"))).isEmpty();
  }
}
