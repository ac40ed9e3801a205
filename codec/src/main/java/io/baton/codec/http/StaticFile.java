package io.baton.codec.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file of {@link StaticFiles} with its validators. Immutable; any thread.
 *
 * @param content a direct, read-only buffer that is never released; each response has its own view
 * @param type the media type
 * @param tag the strong ETag, quoted
 * @param modified the time of modification in HTTP's format
 * @param modifiedAt the same time, in whole seconds
 */
record StaticFile(ByteBuf content, String type, String tag, String modified, Instant modifiedAt) {
  private static final String BINARY = "application/octet-stream";
  private static final int TAG_BYTES = 12;

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("csv", "text/csv; charset=utf-8"),
          Map.entry("gif", "image/gif"),
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("jpeg", "image/jpeg"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("md", "text/markdown; charset=utf-8"),
          Map.entry("mjs", "text/javascript; charset=utf-8"),
          Map.entry("mp4", "video/mp4"),
          Map.entry("pdf", "application/pdf"),
          Map.entry("png", "image/png"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("wasm", "application/wasm"),
          Map.entry("webp", "image/webp"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("xml", "application/xml"));

  /**
   * @param modifiedMs milliseconds since 1970, of which HTTP knows the whole seconds
   */
  static StaticFile of(String name, byte[] content, long modifiedMs) {
    Instant at = Instant.ofEpochSecond(Math.floorDiv(modifiedMs, 1_000L));
    return new StaticFile(
        Unpooled.unreleasableBuffer(direct(content)),
        type(name),
        tag(content),
        HttpDate.format(at),
        at);
  }

  /** Copies to direct memory, which a socket sends without a copy; freed with its object. */
  private static ByteBuf direct(byte[] content) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(content.length).put(content).flip();
    return Unpooled.wrappedBuffer(bytes).asReadOnly();
  }

  private static String type(String name) {
    String extension = name.substring(name.lastIndexOf('.') + 1);
    return TYPES.getOrDefault(extension.toLowerCase(Locale.ROOT), BINARY);
  }

  private static String tag(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return '"' + HexFormat.of().formatHex(hash, 0, TAG_BYTES) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  int size() {
    return content.readableBytes();
  }

  /** Returns all bytes, as a buffer with its own indices. */
  ByteBuf bytes() {
    return content.duplicate();
  }

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
      if (tag.equals(weakly && one.startsWith("W/") ? one.substring(2) : one)) {
        return true;
      }
    }
    return false;
  }

  ByteRange range(HttpHeaders headers) {
    List<String> ranges = headers.getAll(HttpHeaderNames.RANGE);
    if (ranges.size() != 1 || !isStillThat(headers.get(HttpHeaderNames.IF_RANGE))) {
      return new ByteRange.All();
    }
    return ByteRange.of(ranges.getFirst(), size());
  }

  /** Evaluates If-Range (RFC 9110, 13.1.5): compares tags strongly, and dates for equality. */
  private boolean isStillThat(@Nullable String condition) {
    return condition == null || condition.equals(tag) || modifiedAt.equals(date(condition));
  }

  /** Parses a date; null for anything else, which is to be ignored. */
  private static @Nullable Instant date(@Nullable String text) {
    return text == null ? null : HttpDate.parse(text);
  }
}
