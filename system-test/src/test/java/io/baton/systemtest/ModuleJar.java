package io.baton.systemtest;

import io.baton.service.Module;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Packs a module, with the classes inside its own, as its author's build would. */
final class ModuleJar {
  private static final List<String> JSON =
      List.of("/io/baton/link/json", "/tools/jackson", "/com/fasterxml/jackson");

  private ModuleJar() {}

  /** Gives a server a directory of modules of its own: the shipped ones, and this jar. */
  static Path install(
      TestServer server,
      Class<? extends Module> module,
      Map<String, String> resources,
      Class<?>... others)
      throws IOException {
    Path modules = Files.createDirectory(server.directory.resolve("modules"));
    Files.copy(TestServer.HOME.resolve("modules/examples.jar"), modules.resolve("examples.jar"));
    Path jar = modules.resolve("test.jar");
    write(jar, module, resources, others);
    server.configure("modules-dir", "\"" + modules + "\"");
    return jar;
  }

  /** Adds Link's messages in JSON to a jar, with the libraries that they need, of the examples. */
  static void addJson(Path jar) throws IOException {
    try (FileSystem examples =
            FileSystems.newFileSystem(TestServer.HOME.resolve("modules/examples.jar"));
        FileSystem to = FileSystems.newFileSystem(jar)) {
      for (String each : JSON) {
        try (Stream<Path> files = Files.walk(examples.getPath(each))) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            Path copy = to.getPath(file.toString());
            Files.createDirectories(Objects.requireNonNull(copy.getParent()));
            Files.copy(file, copy);
          }
        }
      }
    }
  }

  /**
   * A jar that is there already is written over, in place.
   *
   * @param resources texts by name
   * @param others classes that go along, with those inside them
   */
  static void write(
      Path jar, Class<? extends Module> module, Map<String, String> resources, Class<?>... others)
      throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      out.putNextEntry(new JarEntry("META-INF/services/" + Module.class.getName()));
      out.write(module.getName().getBytes(StandardCharsets.UTF_8));
      for (Map.Entry<String, String> resource : resources.entrySet()) {
        out.putNextEntry(new JarEntry(resource.getKey()));
        out.write(resource.getValue().getBytes(StandardCharsets.UTF_8));
      }
      addWhole(out, module);
      for (Class<?> other : others) {
        addWhole(out, other);
      }
    }
  }

  /**
   * Adds what another jar has, but for its own module, as the build of a module does with a library
   * that the server does not bring.
   */
  static void bundle(Path jar, Path library) throws IOException {
    Path whole = Files.createTempFile(jar.getParent(), "bundle", "");
    Set<String> names = new HashSet<>();
    try (OutputStream file = Files.newOutputStream(whole);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Path each : List.of(jar, library)) {
        try (JarFile from = new JarFile(each.toFile())) {
          for (JarEntry entry : from.stream().filter(found -> !found.isDirectory()).toList()) {
            if (names.add(entry.getName())) {
              out.putNextEntry(new JarEntry(entry.getName()));
              try (InputStream in = from.getInputStream(entry)) {
                in.transferTo(out);
              }
            }
          }
        }
      }
    }
    Files.move(whole, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void addWhole(JarOutputStream out, Class<?> type) throws IOException {
    add(out, type);
    for (Class<?> inner : type.getDeclaredClasses()) {
      add(out, inner);
    }
  }

  private static void add(JarOutputStream out, Class<?> type) throws IOException {
    String name = type.getName().replace('.', '/') + ".class";
    out.putNextEntry(new JarEntry(name));
    try (InputStream in = Objects.requireNonNull(type.getClassLoader()).getResourceAsStream(name)) {
      Objects.requireNonNull(in).transferTo(out);
    }
  }
}
