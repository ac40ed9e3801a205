package io.baton.systemtest;

import io.baton.service.Module;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** Packs a module of one class, as its author's build would. */
final class ModuleJar {

  private ModuleJar() {}

  /**
   * @param resources texts by name
   */
  static void write(Path jar, Class<? extends Module> module, Map<String, String> resources)
      throws IOException {
    String name = module.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        InputStream in =
            Objects.requireNonNull(module.getClassLoader()).getResourceAsStream(name)) {
      out.putNextEntry(new JarEntry("META-INF/services/" + Module.class.getName()));
      out.write(module.getName().getBytes(StandardCharsets.UTF_8));
      for (Map.Entry<String, String> resource : resources.entrySet()) {
        out.putNextEntry(new JarEntry(resource.getKey()));
        out.write(resource.getValue().getBytes(StandardCharsets.UTF_8));
      }
      out.putNextEntry(new JarEntry(name));
      Objects.requireNonNull(in).transferTo(out);
    }
  }
}
