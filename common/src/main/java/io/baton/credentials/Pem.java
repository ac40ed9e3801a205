package io.baton.credentials;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One thing out of a file in PEM (RFC 7468). */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  /** Of a key that is encrypted, before its content (RFC 1421). */
  private static final String HEADERS = "Proc-Type:";

  private final String label;
  private final byte[] content;

  private Pem(String label, byte[] content) {
    this.label = label;
    this.content = content;
  }

  /** Returns what it is, such as {@code CERTIFICATE}. */
  String label() {
    return label;
  }

  /** Returns what it says, in DER. */
  byte[] content() {
    return content;
  }

  /**
   * Returns all that are in a file; what stands between them is passed over.
   *
   * @throws IllegalArgumentException if one is not as it should be, with a text that says why
   */
  static List<Pem> parse(byte[] file) {
    List<Pem> all = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(new String(file, StandardCharsets.ISO_8859_1));
    while (blocks.find()) {
      String label = blocks.group(1);
      String text = blocks.group(2);
      if (text.contains(HEADERS)) {
        throw new IllegalArgumentException("an encrypted " + label);
      }
      try {
        all.add(new Pem(label, Base64.getMimeDecoder().decode(text.strip())));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("a " + label + " that is not in base64", e);
      }
    }
    return all;
  }

  /** Says nothing of the content. */
  @Override
  public String toString() {
    return label;
  }
}
