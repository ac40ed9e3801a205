package io.baton.codec.http;

import io.netty.util.internal.StringUtil;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The parts of a request's target (RFC 9112, 3.2), above all the path, by which a service is found.
 * Any thread.
 */
public final class RequestTarget {
  private static final String NO_PATH = "";
  private static final char MAX_ASCII = 0x7F;
  private static final char MAX_BYTE = 0xFF;

  private RequestTarget() {}

  /** Returns where the authority of an absolute target begins; -1 for a target of another form. */
  public static int authorityAt(String target) {
    for (String scheme : new String[] {"http://", "https://"}) {
      if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
        return scheme.length();
      }
    }
    return -1;
  }

  /** Returns the index behind the authority that begins there. */
  public static int authorityEnd(String target, int authority) {
    int at = authority;
    while (at < target.length() && target.charAt(at) != '/' && target.charAt(at) != '?') {
      at++;
    }
    return at;
  }

  /**
   * Returns the path without scheme, authority and query, percent-decoded as UTF-8, so that {@code
   * /%68ello} is {@code /hello}. But {@code %2F} stays as it is, because a slash in a name is not
   * one between names, and so does {@code %25}: no two different names have one path. Dot segments
   * are names like others. The path of a malformed target equals no path that a server has.
   */
  public static String path(String target) {
    int from = 0;
    if (!target.startsWith("/")) {
      int authority = authorityAt(target);
      from = authority < 0 ? 0 : authorityEnd(target, authority);
    }
    int query = target.indexOf('?', from);
    String path = target.substring(from, query < 0 ? target.length() : query);
    if (path.isEmpty()) {
      return "/";
    }
    return isPlain(path) ? path : decoded(path);
  }

  private static boolean isPlain(String path) {
    for (int at = 0; at < path.length(); at++) {
      char c = path.charAt(at);
      if (c == '%' || c > MAX_ASCII) {
        return false;
      }
    }
    return true;
  }

  /** Characters beyond ASCII stand for the bytes that a client sent without encoding them. */
  private static String decoded(String path) {
    byte[] bytes = new byte[path.length()];
    int length = 0;
    for (int at = 0; at < path.length(); at++) {
      char c = path.charAt(at);
      if (c > MAX_BYTE) {
        return NO_PATH;
      }
      if (c != '%') {
        bytes[length++] = (byte) c;
        continue;
      }
      int high = at + 2 < path.length() ? StringUtil.decodeHexNibble(path.charAt(at + 1)) : -1;
      int low = at + 2 < path.length() ? StringUtil.decodeHexNibble(path.charAt(at + 2)) : -1;
      if (high < 0 || low < 0) {
        return NO_PATH;
      }
      byte value = (byte) (high << 4 | low);
      if (value == '/' || value == '%') {
        bytes[length++] = '%';
        bytes[length++] = '2';
        bytes[length++] = (byte) (value == '/' ? 'F' : '5');
      } else {
        bytes[length++] = value;
      }
      at += 2;
    }
    try {
      CharBuffer text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length));
      return text.toString();
    } catch (CharacterCodingException _) {
      return NO_PATH;
    }
  }
}
