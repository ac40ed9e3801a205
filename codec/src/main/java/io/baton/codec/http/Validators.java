package io.baton.codec.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tells the versions of a file apart (RFC 9110, 8.8), and what a request's conditions come to.
 *
 * @param tag the ETag, quoted; a weak one with W/ in front
 * @param modifiedAt the time of modification in whole seconds
 */
record Validators(String tag, Instant modifiedAt) {

  /** Returns whether this is a version that the client accepts (RFC 9110, 13.2.2, 1 and 2). */
  boolean isWanted(HttpHeaders headers) {
    List<String> tags = headers.getAll(HttpHeaderNames.IF_MATCH);
    if (!tags.isEmpty()) {
      return tags.stream().anyMatch(list -> lists(list, false));
    }
    Instant since = date(headers.get(HttpHeaderNames.IF_UNMODIFIED_SINCE));
    return since == null || !modifiedAt.isAfter(since);
  }

  /** Returns whether the client has this version (RFC 9110, 13.2.2, steps 3 and 4). */
  boolean isKnownTo(HttpHeaders headers) {
    List<String> tags = headers.getAll(HttpHeaderNames.IF_NONE_MATCH);
    if (!tags.isEmpty()) {
      return tags.stream().anyMatch(list -> lists(list, true));
    }
    Instant since = date(headers.get(HttpHeaderNames.IF_MODIFIED_SINCE));
    return since != null && !modifiedAt.isAfter(since);
  }

  /**
   * Looks for this version's tag.
   *
   * @param weakly a W/ in front of a tag does not count (RFC 9110, 8.8.3.2)
   */
  private boolean lists(String header, boolean weakly) {
    if (header.strip().equals("*")) {
      return true;
    }
    for (String each : header.split(",", -1)) {
      String one = each.strip();
      if (weakly ? opaque(tag).equals(opaque(one)) : !isWeak(tag) && tag.equals(one)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isWeak(String tag) {
    return tag.startsWith("W/");
  }

  private static String opaque(String tag) {
    return isWeak(tag) ? tag.substring(2) : tag;
  }

  /**
   * Returns the part that a GET asks for.
   *
   * @param size of the file in bytes
   */
  ByteRange range(HttpHeaders headers, long size) {
    List<String> ranges = headers.getAll(HttpHeaderNames.RANGE);
    if (ranges.size() != 1 || !isStillThat(headers.get(HttpHeaderNames.IF_RANGE))) {
      return new ByteRange.All();
    }
    return ByteRange.of(ranges.getFirst(), size);
  }

  /** Evaluates If-Range (RFC 9110, 13.1.5): compares tags strongly, and dates for equality. */
  private boolean isStillThat(@Nullable String condition) {
    return condition == null
        || (!isWeak(tag) && condition.equals(tag))
        || modifiedAt.equals(date(condition));
  }

  /** Parses a date; null for anything else, which is to be ignored. */
  private static @Nullable Instant date(@Nullable String text) {
    return text == null ? null : HttpDate.parse(text);
  }
}
