package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import io.baton.testing.server.ServerDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The Debian package, from its installation in a Debian of its own to where nothing is left of it.
 * Under the profile nightly only.
 */
class PackageNightly {
  private static final Path CONF = Path.of("etc/baton/baton.conf");

  private final int web;
  private final int admin;
  private final List<Integer> others;
  private final Path directory = Files.createTempDirectory("baton-debian");

  PackageNightly() throws IOException {
    List<Integer> ports = Ports.free(6);
    web = ports.get(0);
    admin = ports.get(1);
    others = ports.subList(2, 6);
  }

  @BeforeEach
  void needsRoot() throws IOException {
    Shell.need("PackageNightly", "debootstrap");
    if ((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") != 0) {
      System.out.println("SKIPPED: PackageNightly needs root");
      abort("needs root");
    }
  }

  @AfterEach
  void delete() throws Exception {
    Path lock = directory.resolve("root/var/lib/baton/run/lock");
    if (Files.exists(lock)) { // after a failure
      Procs.signal("KILL", Long.parseLong(Files.readString(lock).strip()));
    }
    ServerDirectory.delete(directory);
  }

  @Test
  void thePackageServesReloadsAndLeavesNothingBehind() throws Exception {
    DebianRoot debian = DebianRoot.create(directory.resolve("root"));
    debian.addJdk();
    Set<String> before = debian.contents();

    install(debian);
    configure(debian.path.resolve(CONF));
    serve(debian);
    rotate(debian);
    assertThat(debian.mustAsBaton("baton", "stop")).startsWith("stopped");

    debian.must("baton", "start"); // by root, who becomes baton
    long pid = Long.parseLong(debian.must("cat", "/var/lib/baton/run/lock").strip());
    assertThat(debian.must("stat", "-c", "%U", "/var/lib/baton/run/admin.sock"))
        .isEqualTo("baton\n");
    debian.must("dpkg", "--remove", "baton");
    Wait.until("the server that was running has ended", () -> !Procs.isAlive(pid));
    assertThat(debian.path.resolve("usr/lib/baton")).doesNotExist();
    assertThat(debian.path.resolve(CONF)).content().contains("of this test");
    assertThat(debian.path.resolve("var/log/baton/manager.log")).exists();

    debian.must("dpkg", "--purge", "baton");
    Set<String> left = new TreeSet<>(debian.contents());
    left.removeAll(before);
    assertThat(left).as("what is left").isEmpty();
    assertThat(debian.contents()).as("what is missing").containsAll(before);
  }

  private static void install(DebianRoot debian) throws Exception {
    Files.copy(PackageIT.made(".deb"), debian.path.resolve("tmp/baton.deb"));
    assertThat(debian.must("dpkg", "--install", "/tmp/baton.deb")).doesNotContain("no AOT cache");
    assertThat(
            debian.must(
                "stat",
                "-c",
                "%U:%G %a",
                "/etc/baton/baton.conf",
                "/var/lib/baton/modules",
                "/var/lib/baton/run",
                "/var/log/baton"))
        .isEqualTo("root:root 644\nroot:root 755\nbaton:baton 700\nbaton:adm 750\n");
    assertThat(debian.must("ls", "/etc/systemd/system/multi-user.target.wants"))
        .contains("baton.service");
    assertThat(debian.must("cat", "/usr/lib/systemd/system/baton.service"))
        .contains("ExecStart=/usr/lib/baton/bin/start --foreground", "RuntimeDirectory=baton")
        .doesNotContain("/opt");
    assertThat(debian.run("baton", "status").err()).contains("no server is running");
  }

  private void configure(Path conf) throws IOException {
    Files.writeString(
        conf,
        Files.readString(conf)
            + """
            # Ports of this test.
            baton.admin.port = %d
            baton.listeners.web.endpoint = "tcp://127.0.0.1:%d"
            baton.listeners.chat.endpoint = "tcp://127.0.0.1:%d"
            baton.listeners.echo.endpoint = "tcp://127.0.0.1:%d"
            baton.listeners.echo-frame.endpoint = "tcp://127.0.0.1:%d"
            baton.listeners.link.endpoint = "tcp://127.0.0.1:%d"
            """
                .formatted(admin, web, others.get(0), others.get(1), others.get(2), others.get(3)));
  }

  private void serve(DebianRoot debian) throws Exception {
    String started = debian.mustAsBaton("baton", "start");
    assertThat(started).contains("2 workers ready").doesNotContain("warning:");
    assertGreets();
    assertThat(debian.must("baton", "reload")).startsWith("generation 1 → 2: 2 workers replaced");
    assertGreets();
    assertThat(debian.must("baton", "status")).contains("modules  examples.jar");
  }

  private void assertGreets() throws Exception {
    Command.Result page = Shell.run("curl", "-sS", "http://127.0.0.1:" + web + "/hello");
    assertThat(page.out()).as(page.toString()).isEqualTo("Hello, World!");
  }

  /** The files of before are moved away, and what follows goes to new ones. */
  private static void rotate(DebianRoot debian) throws Exception {
    debian.must("logrotate", "--force", "/etc/logrotate.d/baton");
    Path log = debian.path.resolve("var/log/baton/manager.log");
    assertThat(log.resolveSibling("manager.log.1")).content().contains("generation 1");
    debian.must("baton", "recycle", "0");
    assertThat(log)
        .content()
        .contains("the recycling of worker 0 is done")
        .doesNotContain("starts as pid");
  }
}
