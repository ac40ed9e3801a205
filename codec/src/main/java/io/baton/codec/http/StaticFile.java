package io.baton.codec.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/**
 * A file of {@link StaticFiles} with its validators. Immutable; any thread.
 *
 * @param content a direct, read-only buffer that is never released; each response has its own view
 * @param type the media type
 * @param validators with the time of modification in whole seconds
 */
record StaticFile(ByteBuf content, String type, Validators validators) {
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
        Unpooled.unreleasableBuffer(direct(content)), type(name), new Validators(tag(content), at));
  }

  /** Copies to direct memory, which a socket sends without a copy; freed with its object. */
  private static ByteBuf direct(byte[] content) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(content.length).put(content).flip();
    return Unpooled.wrappedBuffer(bytes).asReadOnly();
  }

  /** Returns the media type of a file of this name. */
  static String type(String name) {
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

  String tag() {
    return validators.tag();
  }

  String modified() {
    return HttpDate.format(validators.modifiedAt());
  }
}
