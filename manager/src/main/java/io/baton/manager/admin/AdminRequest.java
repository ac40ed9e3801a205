package io.baton.manager.admin;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a reader of the status asks: the head of a request (RFC 9112, 2.1). A body, which no request
 * that is answered has, is not read.
 *
 * @param path decoded, without the query
 * @param host the value of the field; empty if there is none
 */
record AdminRequest(String method, String path, String host) {
  private static final int MAX_HEAD = 8 * 1024;

  private static final byte[] END = {'\r', '\n', '\r', '\n'};

  private static final Pattern LINE = Pattern.compile("([A-Z]+) (\\S+) HTTP/1\\.[01]");
  private static final Pattern HOST =
      Pattern.compile(
          "^host:[ \\t]*([^\\r\\n]*?)[ \\t]*\\r?$", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

  /** It is not what RFC 9112 calls a request. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String what) {
      super(what);
    }
  }

  /**
   * Reads one.
   *
   * @param withinMs all of it has to come in this time
   * @throws IOException if it does not come
   */
  static AdminRequest read(Socket client, int withinMs) throws IOException, MalformedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(withinMs);
    InputStream in = client.getInputStream();
    byte[] bytes = new byte[MAX_HEAD];
    int length = 0;
    while (length < MAX_HEAD) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      // What has come is read, however late this thread may be.
      if (left <= 0 && in.available() == 0) {
        throw new SocketTimeoutException("no request within " + withinMs + " ms");
      }
      client.setSoTimeout(Math.toIntExact(Math.max(1, left)));
      int n = in.read(bytes, length, MAX_HEAD - length);
      if (n < 0) {
        throw new IOException("no request");
      }
      length += n;
      int end = end(bytes, Math.max(0, length - n - END.length + 1), length);
      if (end >= 0) {
        return parse(new String(bytes, 0, end, StandardCharsets.ISO_8859_1));
      }
    }
    throw new MalformedException("the request's head has more than " + MAX_HEAD + " bytes");
  }

  /** Where the head ends, if it does; -1 if not. */
  private static int end(byte[] bytes, int from, int to) {
    for (int at = from; at + END.length <= to; at++) {
      if (Arrays.equals(bytes, at, at + END.length, END, 0, END.length)) {
        return at;
      }
    }
    return -1;
  }

  static AdminRequest parse(String head) throws MalformedException {
    String first = head.lines().findFirst().orElse("");
    Matcher line = LINE.matcher(first);
    if (!line.matches()) {
      throw new MalformedException("not the first line of a request");
    }
    Matcher host = HOST.matcher(head);
    return new AdminRequest(line.group(1), path(line.group(2)), host.find() ? host.group(1) : "");
  }

  private static String path(String target) throws MalformedException {
    try {
      String path = new URI(target).getPath();
      return path == null ? "" : path;
    } catch (URISyntaxException _) {
      throw new MalformedException("not the target of a request");
    }
  }
}
