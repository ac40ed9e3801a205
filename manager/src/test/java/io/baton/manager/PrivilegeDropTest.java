package io.baton.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.posix.Account;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrivilegeDropTest {
  private static final int ROOT = 0;
  private static final Account BATON = new Account("baton", 998, 997, "/srv/baton");

  private static final PrivilegeDrop.Accounts ACCOUNTS =
      new PrivilegeDrop.Accounts() {
        @Override
        public @Nullable Account user(String name) {
          return switch (name) {
            case "baton" -> BATON;
            case "root" -> new Account("root", 0, 0, "/root");
            default -> null;
          };
        }

        @Override
        public OptionalInt group(String name) {
          return name.equals("www") ? OptionalInt.of(33) : OptionalInt.empty();
        }
      };

  @TempDir private Path dir;

  private static Settings.Server server(String hocon) {
    return SettingsFixture.settings(hocon).server();
  }

  private static PrivilegeDrop drop(String hocon, int us) throws Failure {
    return PrivilegeDrop.of(server(hocon), us, ACCOUNTS);
  }

  @Test
  void rootBecomesTheUserWithItsOwnGroupOrTheNamedOne() throws Exception {
    assertThat(drop("user = baton", ROOT).to()).isEqualTo(BATON);
    assertThat(drop("user = baton, group = www", ROOT).to()).isEqualTo(BATON.withGroup(33));
  }

  @ParameterizedTest
  @CsvSource({"'', 0", "'', 1000", "user = baton, 998", "user = root, 0"})
  void whoeverIsTheUserAlreadyStaysIt(String hocon, int us) throws Exception {
    assertThat(drop(hocon, us).isNeeded()).isFalse();
  }

  @Test
  void anotherUserThanRootIsToldWhoMayStartIt() {
    assertThatThrownBy(() -> drop("user = baton", 1000))
        .isInstanceOf(Failure.class)
        .hasMessage(
            "user is baton, but the server is started by user 1000, and only root can become another"
                + " user: start it as root or as baton, or remove user from the configuration");
  }

  @Test
  void aUserOrGroupThatTheMachineLacksIsRefusedWhoeverStartsTheServer() {
    assertThatThrownBy(() -> drop("user = batman", 1000))
        .hasMessageStartingWith("user is batman, but this machine has no such user; allowed: ");
    assertThatThrownBy(() -> drop("user = baton, group = wheel", ROOT))
        .hasMessageStartingWith("group is wheel, but this machine has no such group; allowed: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"user = \"a b\"", "user = \"-x\"", "user = \"0\"", "group = www"})
  void aNameThatIsNoneAndAGroupWithoutUserAreMistakes(String hocon) {
    assertThatThrownBy(() -> server(hocon)).hasMessageContaining(" allowed ");
  }

  @Test
  void theMachineKnowsRoot() {
    PrivilegeDrop.Accounts machine = PrivilegeDrop.Accounts.ofMachine();
    assertThat(machine.user("root")).satisfies(root -> assertThat(root.user()).isZero());
    assertThat(machine.group("root")).hasValue(0);
    assertThat(machine.user("no-such-user")).isNull();
    assertThat(machine.group("no-such-group")).isEmpty();
  }

  /** As root it is handed over; others could not do that, and so do not make it. */
  @Test
  void aDirectoryIsMadeForTheUserOnlyWhereNobodyElseCouldReplaceIt() throws Exception {
    boolean root =
        Account.named("root") != null && (Integer) Files.getAttribute(dir, "unix:uid") == 0;
    Path made = dir.resolve("made/run");
    Path shared = Files.createDirectory(dir.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    if (root) {
      Directories.makeFor(BATON, made, "rwx------");
      assertThat(Files.getAttribute(made, "unix:uid", LinkOption.NOFOLLOW_LINKS)).isEqualTo(998);
      assertThat(Files.getAttribute(made, "unix:gid", LinkOption.NOFOLLOW_LINKS)).isEqualTo(997);
      assertThat(Files.getAttribute(dir.resolve("made"), "unix:uid")).isEqualTo(0);
    }
    Directories.makeFor(BATON, shared.resolve("run"), "rwx------");
    assertThat(shared.resolve("run")).doesNotExist();
  }
}
