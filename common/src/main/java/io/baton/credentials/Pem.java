package io.baton.credentials;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A block of a file in PEM (RFC 7468), which is decoded when its content is asked for. */
final class Pem {
  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----");

  /** A header of keys that are encrypted (RFC 1421). */
  private static final String ENCRYPTED = "Proc-Type:";

  private final String label;
  private final String text;

  private Pem(String label, String text) {
    this.label = label;
    this.text = text;
  }

  /** Returns the kind of its content, such as {@code CERTIFICATE}. */
  String label() {
    return label;
  }

  /** Returns whether a passphrase is needed to read its content. */
  boolean isEncrypted() {
    return label.startsWith("ENCRYPTED ") || text.contains(ENCRYPTED);
  }

  /**
   * Returns its content, in DER.
   *
   * @throws IllegalArgumentException if it is not in base64, with a text that says so
   */
  byte[] content() {
    try {
      return Base64.getDecoder().decode(text.replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a block " + label + " that is not in base64", e);
    }
  }

  /**
   * Returns all blocks of a file, in their order; text between them is passed over.
   *
   * @throws IllegalArgumentException if one has no end, with a text that says so
   */
  static List<Pem> parse(byte[] file) {
    List<Pem> all = new ArrayList<>();
    String text = new String(file, StandardCharsets.ISO_8859_1);
    Matcher begin = BEGIN.matcher(text);
    int at = 0;
    while (begin.find(at)) {
      String label = begin.group(1);
      int start = begin.end();
      int end = text.indexOf("-----", start);
      String last = "-----END " + label + "-----";
      if (end < 0 || !text.startsWith(last, end)) {
        throw new IllegalArgumentException("a block " + label + " without its END line");
      }
      all.add(new Pem(label, text.substring(start, end)));
      at = end + last.length();
    }
    return all;
  }

  /** Says nothing of the content. */
  @Override
  public String toString() {
    return label;
  }
}
