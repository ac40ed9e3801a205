package io.baton.worker.tls;

import io.netty.buffer.ByteBuf;

/**
 * A protocol's answer, in the clear, to clients that speak it without encryption where it is
 * encrypted. Event loop only.
 */
public interface PlaintextReply {
  /** Of a protocol without one: such clients are closed without a word. */
  PlaintextReply NONE = _ -> new Foreign();

  /** What becomes of a client. */
  sealed interface Verdict {}

  /** Its bytes are of another protocol. */
  record Foreign() implements Verdict {}

  /** More of its bytes are needed. */
  record Undecided() implements Verdict {}

  /**
   * It speaks the protocol.
   *
   * @param bytes that it is sent before its connection is closed; the receiver's to release
   */
  record Reply(ByteBuf bytes) implements Verdict {}

  /**
   * Judges a client by its first bytes, which are no record of TLS.
   *
   * @param first as many as have come; only looked at. A few bytes must be enough: it is asked
   *     again with more as long as it is undecided, and nothing else bounds them
   */
  Verdict to(ByteBuf first);
}
