package io.baton.softbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.Module;
import io.baton.service.testkit.TestContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoftBusModuleTest {
  @TempDir private Path directory;

  private static List<String> start(SoftBusModule module, Map<String, Object> config) {
    TestContext context = new TestContext(config);
    module.start(context);
    return context.serviceNames();
  }

  private String keys() throws Exception {
    Path file = directory.resolve("keys");
    Files.writeString(file, "1 000102030405060708090A0B0C0D0E0F\n");
    return file.toString();
  }

  @Test
  void theJarBringsTheModule() {
    assertThat(ServiceLoader.load(Module.class)).hasAtLeastOneElementOfType(SoftBusModule.class);
  }

  @Test
  void withoutKeysItOffersNothing() {
    SoftBusModule module = new SoftBusModule();
    assertThat(start(module, Map.of())).isEmpty();
    assertThat(module.codecs()).isEmpty();
  }

  @Test
  void itOffersItsCodecAndItsEchoServers() throws Exception {
    SoftBusModule module = new SoftBusModule();
    Map<String, Object> names = Map.of("a", "all", "b", List.of(1, 2));
    assertThat(start(module, Map.of("keys", keys(), "echo", names)))
        .containsExactly("softbus-echo");
    assertThat(module.codecs()).containsOnlyKeys("softbus");
  }

  @Test
  void mistakesAreSaidWithWhatIsAllowed() throws Exception {
    String keys = keys();
    for (var each :
        List.of(
            new Mistake(Map.of("keys", 1), "keys is 1; allowed: the absolute path of a file"),
            new Mistake(Map.of("keys", "a"), "keys is a; allowed: the absolute path of a file"),
            new Mistake(
                Map.of("keys", keys, "max-data", 0), "max-data is 0; allowed: 1 to 1048576 bytes"),
            new Mistake(
                Map.of("keys", keys, "max-data", "many"),
                "max-data is many; allowed: a number of bytes"),
            new Mistake(
                Map.of("keys", keys, "device-id", ""), "device-id has 0 bytes; allowed: 1 to 95"),
            new Mistake(Map.of("keys", keys, "device-id", 1), "device-id is 1; allowed: a text"),
            new Mistake(Map.of("keys", keys, "echo", "a"), "echo is no block; allowed: {"),
            new Mistake(
                Map.of("keys", keys, "echo", Map.of("a", "some")),
                "echo.\"a\" is some; allowed: all, or indexes"),
            new Mistake(
                Map.of("keys", keys, "echo", Map.of("a", List.of("x"))),
                "echo.\"a\" is [x]; allowed: all, or indexes"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> start(new SoftBusModule(), each.config))
          .withMessageStartingWith("baton.modules.softbus." + each.text);
    }
  }

  private record Mistake(Map<String, Object> config, String text) {}
}
