package io.baton.link.core;

import java.nio.ByteBuffer;

/**
 * The contents of a message of kind FAILED: why there is no reply.
 *
 * @param code from 0 to 65,535; below 256 a {@link LinkCode}'s number; 0 answers a CANCEL
 * @param text up to 1,024 bytes of UTF-8
 */
public record Failure(int code, String text) {
  static final int MAX_TEXT_BYTES = 1_024;

  /** Checks the code. */
  public Failure {
    if (code < 0 || code > LinkCode.MAX_NUMBER) {
      throw new IllegalArgumentException("a code is from 0 to 65535, not " + code);
    }
  }

  /**
   * Reads the payload that {@link LinkEvents#message} gives with FAILED.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Failure read(ByteBuffer payload) {
    try {
      return read(new ByteSource("FAILED", payload));
    } catch (LinkProtocolException e) {
      throw new IllegalArgumentException(e.text(), e);
    }
  }

  static Failure read(ByteSource from) throws LinkProtocolException {
    int code = from.varint(LinkCode.MAX_NUMBER, "the code");
    Failure failure = new Failure(code, from.text(MAX_TEXT_BYTES, "text"));
    from.end();
    return failure;
  }

  /** Returns the payload; of a longer text its beginning. */
  ByteBuffer toBytes() {
    return ByteBuffer.wrap(new ByteSink().varint(code).text(text, MAX_TEXT_BYTES).toBytes());
  }
}
