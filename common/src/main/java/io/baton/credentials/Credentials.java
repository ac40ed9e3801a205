package io.baton.credentials;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was read from the files of certificates, keys and tokens that a configuration names. A
 * worker is given it by the manager, who may be the only one that may read the files.
 *
 * @param identities by the files that the configuration names
 * @param authorities of clients, by their file
 * @param tokens that clients of services share with the server, by their file; nobody changes them
 */
public record Credentials(
    Map<Files, Identity> identities,
    Map<Path, List<X509Certificate>> authorities,
    Map<Path, byte[]> tokens) {
  /** How long the encoded form may be, in bytes. */
  public static final int MAX_BYTES = 64 * 1024 * 1024;

  public static final Credentials NONE = new Credentials(Map.of(), Map.of(), Map.of());

  /**
   * A certificate's files.
   *
   * @param chain of the certificate and those that lead from it to an authority
   * @param key of its private key
   */
  public record Files(Path chain, Path key) {}

  public Credentials {
    identities = Map.copyOf(identities);
    authorities = Map.copyOf(authorities);
    tokens = Map.copyOf(tokens);
  }

  /** Returns what was read from these files. */
  public Identity identity(Files files) {
    return Objects.requireNonNull(identities.get(files), () -> "not read: " + files);
  }

  public List<X509Certificate> authorities(Path file) {
    return Objects.requireNonNull(authorities.get(file), () -> "not read: " + file);
  }

  /** Returns a copy of the token that was read from this file. */
  public byte[] token(Path file) {
    return Objects.requireNonNull(tokens.get(file), () -> "not read: " + file).clone();
  }

  /** Returns the form in which a worker is sent it. */
  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream to = new DataOutputStream(bytes)) {
      to.writeInt(identities.size());
      for (Map.Entry<Files, Identity> each : identities.entrySet()) {
        to.writeUTF(each.getKey().chain().toString());
        to.writeUTF(each.getKey().key().toString());
        write(each.getValue().chain(), to);
        write(each.getValue().key().getEncoded(), to);
      }
      to.writeInt(authorities.size());
      for (Map.Entry<Path, List<X509Certificate>> each : authorities.entrySet()) {
        to.writeUTF(each.getKey().toString());
        write(each.getValue(), to);
      }
      to.writeInt(tokens.size());
      for (Map.Entry<Path, byte[]> each : tokens.entrySet()) {
        to.writeUTF(each.getKey().toString());
        write(each.getValue(), to);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory
    }
    return bytes.toByteArray();
  }

  private static void write(List<X509Certificate> all, DataOutputStream to) throws IOException {
    to.writeInt(all.size());
    for (X509Certificate each : all) {
      write(Certificates.encode(each), to);
    }
  }

  private static void write(byte[] bytes, DataOutputStream to) throws IOException {
    to.writeInt(bytes.length);
    to.write(bytes);
  }

  /**
   * Reads what {@link #encode} has written.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Credentials decode(byte[] encoded) {
    try (DataInputStream from = new DataInputStream(new ByteArrayInputStream(encoded))) {
      Map<Files, Identity> identities = new HashMap<>();
      for (int i = readCount(from); i > 0; i--) {
        Files files = new Files(Path.of(from.readUTF()), Path.of(from.readUTF()));
        List<X509Certificate> chain = readAll(from);
        if (chain.isEmpty()) {
          throw new IOException("no certificate for " + files);
        }
        String algorithm = chain.getFirst().getPublicKey().getAlgorithm();
        identities.put(files, new Identity(chain, PrivateKeys.of(algorithm, readBytes(from))));
      }
      Map<Path, List<X509Certificate>> authorities = new LinkedHashMap<>();
      for (int i = readCount(from); i > 0; i--) {
        authorities.put(Path.of(from.readUTF()), readAll(from));
      }
      Map<Path, byte[]> tokens = new HashMap<>();
      for (int i = readCount(from); i > 0; i--) {
        tokens.put(Path.of(from.readUTF()), readBytes(from));
      }
      if (from.available() > 0) {
        throw new IOException(from.available() + " bytes too many");
      }
      return new Credentials(identities, authorities, tokens);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException("not the form of credentials", e);
    }
  }

  private static List<X509Certificate> readAll(DataInputStream from)
      throws IOException, CertificateException {
    List<X509Certificate> all = new ArrayList<>();
    for (int i = readCount(from); i > 0; i--) {
      all.add(Certificates.decode(readBytes(from)));
    }
    return all;
  }

  private static int readCount(DataInputStream from) throws IOException {
    int count = from.readInt();
    if (count < 0) {
      throw new IOException("a count of " + count);
    }
    return count;
  }

  private static byte[] readBytes(DataInputStream from) throws IOException {
    int length = from.readInt();
    if (length < 0 || length > from.available()) {
      throw new IOException("a length of " + length);
    }
    return from.readNBytes(length);
  }

  /** Compares tokens by what they are. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Credentials its
        && identities.equals(its.identities)
        && authorities.equals(its.authorities)
        && tokens.keySet().equals(its.tokens.keySet())
        && tokens.entrySet().stream()
            .allMatch(
                each -> MessageDigest.isEqual(each.getValue(), its.tokens.get(each.getKey())));
  }

  @Override
  public int hashCode() {
    return Objects.hash(identities, authorities, tokens.keySet());
  }

  /** Says nothing of what they are. */
  @Override
  public String toString() {
    return identities.keySet()
        + ", authorities "
        + authorities.keySet()
        + " and tokens "
        + tokens.keySet();
  }
}
