package io.baton.vsockframework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.Module;
import io.baton.service.testkit.TestContext;
import io.baton.vsockframework.example.Talk;
import io.baton.vsockframework.example.Text;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class VsockFrameworkModuleTest {
  private static final String TALK = "io.baton.vsockframework.example.Talk";

  private static List<String> start(VsockFrameworkModule module, Map<String, Object> config) {
    TestContext context = new TestContext(config);
    module.start(context);
    return context.serviceNames();
  }

  @Test
  void theJarBringsTheModule() {
    assertThat(ServiceLoader.load(Module.class))
        .hasAtLeastOneElementOfType(VsockFrameworkModule.class);
  }

  @Test
  void withoutTypesItOffersNothing() {
    VsockFrameworkModule module = new VsockFrameworkModule();
    assertThat(start(module, Map.of())).isEmpty();
    assertThat(module.codecs()).isEmpty();
  }

  @Test
  void itOffersItsCodecAndItsEcho() {
    VsockFrameworkModule module = new VsockFrameworkModule();
    assertThat(start(module, Map.of("types", Map.of("4", TALK))))
        .containsExactly("vsock-framework-echo");
    assertThat(module.codecs()).containsOnlyKeys("vsock-framework");
  }

  @Test
  void settingsAreReadFromTheBlock() {
    VsockFrameworkSettings settings =
        VsockFrameworkSettings.read(
            Map.of(
                "small", 64, "max-message", 100, "clock-type", "none", "types", Map.of("3", TALK)),
            VsockFrameworkModule.class.getClassLoader());
    assertThat(settings.small()).isEqualTo(64);
    assertThat(settings.maxMessage()).isEqualTo(100);
    assertThat(settings.clockType()).isEmpty();
    assertThat(settings.types().has(3)).isTrue();
  }

  @Test
  void mistakesAreSaidWithWhatIsAllowed() {
    Map<String, String> types = Map.of("4", TALK);
    for (var each :
        List.of(
            new Mistake(Map.of("types", 1), "types is 1; allowed: { NUMBER = \"CLASS\", ... }"),
            new Mistake(Map.of("types", Map.of()), "types is {}; allowed: {"),
            new Mistake(
                Map.of("types", Map.of("x", TALK)),
                "types has \"x\"; allowed: numbers of types, 0"),
            new Mistake(Map.of("types", Map.of("-1", TALK)), "type -1; allowed: 0 or more"),
            new Mistake(
                Map.of("types", Map.of("4", "com.example.Nothing")),
                "types.4 is com.example.Nothing; allowed: a record in the module's jar"),
            new Mistake(
                Map.of("types", Map.of("4", "java.lang.String")),
                "types.4 is java.lang.String, which is no record; allowed: records"),
            new Mistake(
                Map.of("types", Map.of("4", TALK, "5", TALK)),
                "types 4 and 5 are both " + TALK + "; allowed: a record of its own for each"),
            new Mistake(
                Map.of("types", Map.of("3", TALK)),
                "types.3 is the clock's; allowed: another number, or another clock-type"),
            new Mistake(
                Map.of("types", types, "small", 22),
                "small is 22; allowed: multiples of 4 from 4 to 65536 bytes"),
            new Mistake(Map.of("types", types, "small", "a"), "small is a; allowed: a number"),
            new Mistake(
                Map.of("types", types, "max-message", 0),
                "max-message is 0; allowed: 1 to 67108864 bytes"),
            new Mistake(
                Map.of("types", types, "clock-type", -1),
                "clock-type is -1; allowed: none, or 0 or more"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> start(new VsockFrameworkModule(), each.config))
          .withMessageStartingWith("baton.modules.vsock-framework." + each.text);
    }
  }

  private record Mistake(Map<String, Object> config, String text) {}

  @Test
  void aTableIsMadeOfRecords() {
    VsockFrameworkSettings settings =
        VsockFrameworkSettings.of(MessageTypes.of(Map.of(0, Text.class, 1, Talk.class)));
    assertThat(settings.small()).isEqualTo(20);
    assertThat(settings.clockType()).isEqualTo(OptionalInt.of(3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MessageTypes.of(Map.of()))
        .withMessage("there are 0 types; allowed: 1 to 65536");
  }
}
