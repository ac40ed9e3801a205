package io.baton.codec.http;

/** The part of a file that a Range header asks for (RFC 9110, 14.1.2). */
sealed interface ByteRange {

  /** The whole file: the header has no range, several, or none that is understood. */
  record All() implements ByteRange {}

  /** A range inside the file, from its first byte to its last. */
  record Part(long first, long last) implements ByteRange {
    long length() {
      return last - first + 1;
    }
  }

  /** A range that lies outside the file. */
  record Outside() implements ByteRange {}

  String UNIT = "bytes=";

  /** More digits than any file's size has. */
  int MAX_DIGITS = 18;

  static ByteRange of(String header, long size) {
    int dash = header.indexOf('-');
    if (!header.regionMatches(true, 0, UNIT, 0, UNIT.length()) || dash < UNIT.length()) {
      return new All();
    }
    String first = header.substring(UNIT.length(), dash).strip();
    String last = header.substring(dash + 1).strip();
    if (!isNumber(first) || !isNumber(last) || (first.isEmpty() && last.isEmpty())) {
      return new All(); // which may as well be several
    }
    if (first.isEmpty()) {
      return suffix(Long.parseLong(last), size);
    }
    long from = Long.parseLong(first);
    long to = last.isEmpty() ? Long.MAX_VALUE : Long.parseLong(last);
    if (to < from) {
      return new All();
    }
    return from >= size ? new Outside() : new Part(from, Math.min(to, size - 1));
  }

  /** The last bytes; a file that has fewer is whole in there, be it empty. */
  private static ByteRange suffix(long length, long size) {
    if (length == 0) {
      return new Outside();
    }
    return size == 0 ? new All() : new Part(size - Math.min(length, size), size - 1);
  }

  private static boolean isNumber(String text) {
    return text.length() <= MAX_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
