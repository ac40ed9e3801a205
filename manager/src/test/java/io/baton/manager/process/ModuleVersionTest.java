package io.baton.manager.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleVersionTest {
  @TempDir private Path dir;

  private Path jar(String version) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (!version.isEmpty()) {
      manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
    }
    Path jar = dir.resolve("chat.jar");
    try (OutputStream out = Files.newOutputStream(jar)) {
      new JarOutputStream(out, manifest).close();
    }
    return jar;
  }

  @Test
  void itIsWhatTheManifestSays() throws IOException {
    assertThat(ModuleVersion.of(jar("1.4.2"))).hasToString("chat.jar 1.4.2");
  }

  @Test
  void aJarThatSaysNothingHasItsHash() throws IOException {
    assertThat(ModuleVersion.of(jar("")).version()).matches("sha256:[0-9a-f]{12}");
  }

  @Test
  void whatIsNoJarHasItsHashToo() throws IOException {
    Path file = Files.writeString(dir.resolve("chat.jar"), "no jar");
    assertThat(ModuleVersion.of(file)).isEqualTo(ModuleVersion.of(file));
    assertThat(ModuleVersion.of(file).version()).startsWith("sha256:");
  }
}
