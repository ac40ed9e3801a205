package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Debian in a directory, made by debootstrap, in which packages are installed. Its {@code /run}
 * is mounted noexec, as Debian's is. It shares this machine's network and processes, and needs
 * root.
 *
 * <p>{@code -Dbaton.debian=DIRECTORY} names one that debootstrap has made before, which is copied.
 */
final class DebianRoot {
  private static final String MOUNTS =
      "mount -t proc proc \"$0/proc\" && mount -t tmpfs -o noexec,mode=755 tmpfs \"$0/run\" && "
          + "exec chroot \"$0\" \"$@\"";

  /** What any installation changes. */
  private static final Pattern VOLATILE =
      Pattern.compile(
          "^/(proc|sys|dev|run|tmp)(/|$)|^/var/(cache|lib/dpkg|log/dpkg.log)|^/var/lib/logrotate/status$|^/etc/(passwd|group|g?shadow|sub[ug]id)-$");

  final Path path;

  private DebianRoot(Path path) {
    this.path = path;
  }

  static DebianRoot create(Path path) throws Exception {
    String made = System.getProperty("baton.debian", "");
    Command.Result result =
        made.isEmpty()
            ? Shell.run(
                "debootstrap",
                "--variant=minbase",
                "--include=adduser,init-system-helpers,logrotate",
                "bookworm",
                path.toString())
            : Shell.run("cp", "-a", made, path.toString());
    assertThat(result.exit()).as(result.toString()).isZero();
    return new DebianRoot(path);
  }

  /** Runs a command in it, as root. */
  Command.Result run(String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", MOUNTS));
    words.add(path.toString());
    words.addAll(List.of(command));
    return Shell.run(
        Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "JAVA_HOME", "", "LC_ALL", "C.UTF-8"),
        words);
  }

  /** Runs a command in it that must not fail, and returns what it prints. */
  String must(String... command) throws IOException, InterruptedException {
    Command.Result result = run(command);
    assertThat(result.exit()).as(result.toString()).isZero();
    return result.out();
  }

  /** The same as the user of the package. */
  String mustAsBaton(String... command) throws IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(List.of("setpriv", "--reuid=baton", "--regid=baton", "--init-groups"));
    words.addAll(List.of(command));
    return must(words.toArray(String[]::new));
  }

  /** All files and users that are there. */
  Set<String> contents() throws IOException, InterruptedException {
    Set<String> all =
        must("find", "/", "-xdev")
            .lines()
            .filter(file -> !VOLATILE.matcher(file).find())
            .collect(Collectors.toCollection(TreeSet::new));
    must("cat", "/etc/passwd", "/etc/group").lines().forEach(all::add);
    return all;
  }

  /** Gives it this JVM's JDK, where Debian has them, and a package that says so. */
  void addJdk() throws IOException, InterruptedException {
    Path jdk = Files.createDirectories(path.resolve("usr/lib/jvm/jdk-25"));
    for (String part : List.of("bin", "conf", "lib", "release")) {
      Command.Result copied =
          Shell.run("cp", "-a", System.getProperty("java.home") + "/" + part, jdk.toString());
      assertThat(copied.exit()).as(copied.toString()).isZero();
    }
    Path control = Files.createDirectories(path.resolve("tmp/jdk/DEBIAN")).resolve("control");
    Files.writeString(
        control,
        """
        Package: a-jdk
        Version: 25
        Architecture: all
        Maintainer: nobody
        Provides: java25-runtime-headless
        Description: stands for a package of a JDK
        """);
    must("dpkg-deb", "--build", "/tmp/jdk", "/tmp/jdk.deb");
    must("dpkg", "-i", "/tmp/jdk.deb");
  }
}
