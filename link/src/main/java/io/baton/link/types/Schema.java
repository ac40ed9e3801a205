package io.baton.link.types;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The messages of one side: a union of records, with all records and enums they consist of. It is
 * what a peer has to know to read them, and is the same for all threads.
 */
public final class Schema {
  /** The most levels of records, lists and maps in each other that a message has. */
  public static final int MAX_DEPTH = 64;

  /** The most bytes of a schema. */
  public static final int MAX_BYTES = 64 * 1024;

  /** The most records and enums of a schema together. */
  public static final int MAX_TYPES = 256;

  /** The most fields of a record of a schema. */
  public static final int MAX_FIELDS = 255;

  private final List<Definition> definitions;
  private final Kind.Union root;
  private final byte[] bytes;
  private final String fingerprint;

  private Schema(List<Definition> definitions, Kind.Union root, byte[] bytes) {
    this.definitions = definitions;
    this.root = root;
    this.bytes = bytes;
    fingerprint = sha256(bytes);
  }

  /**
   * Reads a schema as a peer announces it.
   *
   * @param bytes as {@link #bytes()} returns them
   * @throws SchemaException if these bytes are not a schema or exceed a bound
   */
  public static Schema of(byte[] bytes) throws SchemaException {
    byte[] copy = bytes.clone();
    SchemaBytes.Content content = SchemaBytes.read(copy);
    return new Schema(content.definitions(), content.root(), copy);
  }

  /** Makes the schema of this side, which keeps the same bounds as a peer's. */
  static Schema of(List<Definition> definitions, Kind.Union root) throws SchemaException {
    return of(SchemaBytes.write(new SchemaBytes.Content(definitions, root)));
  }

  /** Returns a copy of its bytes, in the format that {@code SchemaBytes} describes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  boolean hasBytes(byte[] other) {
    return Arrays.equals(bytes, other);
  }

  /** Returns the number of its records and enums. */
  public int types() {
    return definitions.size();
  }

  /** Returns the SHA-256 of its bytes, in hexadecimal. */
  public String fingerprint() {
    return fingerprint;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  List<Definition> definitions() {
    return definitions;
  }

  Definition definition(Kind.Named named) {
    return definitions.get(named.index());
  }

  Kind.Union root() {
    return root;
  }
}
