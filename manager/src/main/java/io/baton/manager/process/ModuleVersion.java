package io.baton.manager.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipException;

/**
 * A module's jar as a generation runs it.
 *
 * @param jar the file's name
 * @param version {@code Implementation-Version} of its manifest; if it has none, {@code sha256:}
 *     and the first digits of its hash
 */
public record ModuleVersion(String jar, String version) {
  private static final int DIGITS = 12;

  /** Reads it. */
  static ModuleVersion of(Path jar) throws IOException {
    String version = stated(jar);
    return new ModuleVersion(
        Objects.requireNonNull(jar.getFileName()).toString(),
        version.isEmpty() ? "sha256:" + hash(jar).substring(0, DIGITS) : version);
  }

  /** Empty if it states none, or is no jar, which its workers will say. */
  private static String stated(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      Manifest manifest = file.getManifest();
      String version =
          manifest == null
              ? null
              : manifest.getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
      return version == null ? "" : version.strip();
    } catch (ZipException _) {
      return "";
    }
  }

  private static String hash(Path jar) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(jar), digest)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e)); // every JVM has it
    }
  }

  @Override
  public String toString() {
    return jar + " " + version;
  }
}
