package io.baton.credentials;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/**
 * Certificates and keys for tests, made with OpenSSL: {@code authority.pem} has issued {@code
 * ec.pem} for localhost, *.example.org and 127.0.0.1, {@code rsa.pem} for shop.example.net, and
 * {@code client.pem}. {@code www.pem} has issued itself, for www.example.org, which it says twice,
 * example.org and *.Example.COM. {@code chained.pem}, for chained.example.org, is a chain of two:
 * the issuer, CN=Test issuer, begins a month later and expires ten years earlier. Each has its key
 * beside it, in one or more forms. The keys of {@code rsa-1024.pem}, {@code ed25519.pem} and {@code
 * ec-secp256k1.pem} are of kinds that no server may have.
 */
public final class TestFiles {
  private TestFiles() {}

  /** Puts one of them into a directory, readable for its owner alone. */
  public static Path put(String name, Path directory) {
    Path file = directory.resolve(name);
    return write(text(name), file);
  }

  /** Writes a file that only its owner may read. */
  public static Path write(String text, Path file) {
    try {
      Files.deleteIfExists(file);
      Files.writeString(file, text);
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what is in one of them. */
  static String text(String name) {
    try (InputStream content =
        Objects.requireNonNull(TestFiles.class.getResourceAsStream(name), name)) {
      return new String(content.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts a certificate and its key there, and returns the block that names them. */
  public static String identity(String name, Path directory) {
    return "{ chain = \"%s\", key = \"%s\" }"
        .formatted(put(name + ".pem", directory), put(name + ".key", directory));
  }
}
