package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ModuleNameTest {

  @ParameterizedTest
  @CsvSource({
    "chat, com.example.chat, Chat",
    "device-gateway, com.example.devicegateway, DeviceGateway",
    "a, com.example.a, A",
    "x2-3, com.example.x23, X23",
    "a--b, com.example.ab, AB",
    "abcdefghijklmnopqrstuvwxyz0123456789abcd,"
        + " com.example.abcdefghijklmnopqrstuvwxyz0123456789abcd,"
        + " Abcdefghijklmnopqrstuvwxyz0123456789abcd",
  })
  void aNameGivesItsPackageAndItsClass(String name, String packageName, String className)
      throws Exception {
    ModuleName module = ModuleName.of(name, "com.example");

    assertThat(module.packageName()).isEqualTo(packageName);
    assertThat(module.packagePath()).isEqualTo(packageName.replace('.', '/'));
    assertThat(module.className()).isEqualTo(className);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Chat",
        "my chat",
        "chat-",
        "-chat",
        "2chat",
        "chat.jar",
        "../chat",
        "chät",
        "a\nb",
        "abcdefghijklmnopqrstuvwxyz0123456789abcde"
      })
  void anyOtherNameIsRefusedWithWhatIsAllowed(String name) {
    assertThatThrownBy(() -> ModuleName.of(name, "com.example"))
        .isInstanceOf(Failure.class)
        .hasMessage(
            "NAME is \"%s\"; allowed: 1 to 40 of a-z, 0-9 and -, a letter first, no - at the end,"
                    .formatted(name.replace('\n', '?'))
                + " for example chat or device-gateway");
  }

  @Test
  void aWordOfJavaIsRefusedBecauseItNamesNoPackage() {
    assertThatThrownBy(() -> ModuleName.of("switch", "com.example"))
        .hasMessage(
            "NAME is \"switch\", a word that Java has for itself, so it cannot name a package;"
                + " allowed: any other name, for example switch-service");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Com.Example", "com..example", "com.new", ".com", "com.example.", "a b"})
  void aGroupThatIsNoPackageIsRefused(String group) {
    assertThatThrownBy(() -> ModuleName.of("chat", group))
        .hasMessage(
            "--group is \"%s\"; allowed: the name of a Java package in lower case, for example"
                    .formatted(group)
                + " com.example");
  }
}
