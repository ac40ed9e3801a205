package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlacesTest {
  @TempDir Path dir;
  private Path file;
  private Places places;

  @BeforeEach
  void read() throws Exception {
    file = dir.resolve("baton.conf");
    Files.writeString(
        dir.resolve("more.conf"),
        "baton.listeners.more {\n  endpoint = \"unix:a\"\n codec = raw\n service = echo }\n");
    Files.writeString(
        file,
        """
        include "more.conf"
        baton.listeners.web {
          endpoint = "unix:x"
          codec = http
          routes {
            "/hello" = hello
            "GET /orders/{id}" = { codec = http, service = orders }
          }
        }
        """);
    places = SettingsReader.read(file, Map.of("baton.listeners.web.lane", "ring"), dir).places();
  }

  @Test
  void aComplaintOfAKeyGetsFileAndLine() {
    String key = Places.key("listeners", "web", "routes", "GET /orders/{id}");
    assertThat(key).isEqualTo("baton.listeners.web.routes.\"GET /orders/{id}\"");
    assertThat(places.locate(key + ".service: found orders"))
        .isEqualTo(file + ":7: " + key + ".service: found orders");
    String other = Places.below(Places.key("listeners", "more"), "service");
    assertThat(places.locate(other + ": found echo"))
        .isEqualTo(dir.resolve("more.conf") + ":4: " + other + ": found echo");
    assertThat(places.locate("baton.listeners.web.lane: found ring"))
        .isEqualTo("-Dbaton.listeners.web.lane: baton.listeners.web.lane: found ring");
  }

  @Test
  void aKeyThatIsNotThereHasTheLineOfItsBlock() {
    String brief = Places.key("listeners", "web", "routes", "/hello", "service");
    assertThat(places.locate(brief + ": found hello"))
        .isEqualTo(file + ":6: " + brief + ": found hello");
  }

  @Test
  void whatIsNoComplaintOfAKeyStaysAsItIs() {
    for (String text :
        new String[] {"", "it hangs", "baton.: x", "baton.\"a: b: c", "java.lang.Error: oh"}) {
      assertThat(places.locate(text)).isEqualTo(text);
    }
    assertThat(Places.NONE.locate("baton.workers: found 7")).isEqualTo("baton.workers: found 7");
  }
}
