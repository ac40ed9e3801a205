package io.baton.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What this process has open, as far as only our own calls can have opened it. */
public final class Descriptors {

  /** Something that must leave no descriptor behind. */
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }

  private Descriptors() {}

  public static void assertNoneLeft(Action action) throws Exception {
    action.run(); // classes that open something for good do it now
    List<String> before = ours();
    action.run();
    assertThat(ours()).isEqualTo(before);
  }

  /** Closes what a descriptor stands for, and has it stand for what another one does. */
  public static void replace(Fd descriptor, Fd with) {
    assertThat(LibC.C.dup2(with.number(), descriptor.number())).isEqualTo(descriptor.number());
  }

  /** Sockets, eventfds, epoll sets, pidfds and memory files: the JVM's jars come and go. */
  private static List<String> ours() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.map(Descriptors::target)
          .filter(t -> t.startsWith("socket:") || t.startsWith("anon_inode") || t.contains("memfd"))
          .sorted()
          .toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException _) {
      return ""; // closed in between, such as the listing's own
    }
  }
}
