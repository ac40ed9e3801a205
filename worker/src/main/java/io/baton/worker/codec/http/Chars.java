package io.baton.worker.codec.http;

/** What may stand where: the ABNF's classes of characters that Netty does not check for us. */
final class Chars {
  private static final boolean[] TOKEN = table("!#$%&'*+-.^_`|~");
  private static final boolean[] HOST = table("-._~!$&'()*+,;=%");

  private Chars() {}

  private static boolean[] table(String more) {
    boolean[] table = new boolean[128];
    for (char c = 0; c < table.length; c++) {
      table[c] = isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    more.chars().forEach(c -> table[c] = true);
    return table;
  }

  /** {@code tchar} of RFC 9110, 5.6.2. */
  static boolean isToken(byte b) {
    return b > 0 && TOKEN[b];
  }

  /**
   * Of a request target: anything visible. Browsers send more than RFC 3986 allows, so of what is
   * visible only the fragment, which a client must not send, is refused.
   */
  static boolean isTarget(byte b) {
    return b > ' ' && b < 0x7f && b != '#';
  }

  static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  /** Whether nothing but digits comes from there on; nothing at all is digits, too. */
  static boolean isDigits(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * {@code host [":" port]} of RFC 3986, 3.2, without user information, which no client may send
   * (RFC 9110, 4.2.4). An empty host is one.
   */
  static boolean isAuthority(String text) {
    int end = text.startsWith("[") ? literalEnd(text) : nameEnd(text);
    if (end < 0) {
      return false;
    }
    if (end == text.length()) {
      return true;
    }
    return text.charAt(end) == ':' && isDigits(text, end + 1);
  }

  private static int nameEnd(String text) {
    int at = 0;
    while (at < text.length() && text.charAt(at) < HOST.length && HOST[text.charAt(at)]) {
      at++;
    }
    return at;
  }

  /** Of an address in brackets; -1 if it is none. */
  private static int literalEnd(String text) {
    int end = text.indexOf(']');
    boolean fits =
        end > 1
            && text.substring(1, end)
                .chars()
                .allMatch(c -> c == ':' || c == '.' || Character.digit(c, 16) >= 0);
    return fits ? end + 1 : -1;
  }
}
