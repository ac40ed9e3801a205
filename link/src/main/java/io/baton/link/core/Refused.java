package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.List;

/** The bytes of REFUSED, and the proof in it that whoever refuses has the client's token. */
final class Refused {
  static final int MAX_TEXT_BYTES = 1_024;
  static final int MAX_PROOFS = 2;

  private Refused() {}

  /** Makes the frame; one proof for each token, over the transcript and what is before them. */
  static byte[] toFrame(
      LinkCode code, long retryAfterMillis, String text, Transcript said, List<byte[]> tokens) {
    int proofs = tokens.size();
    ByteSink to = new ByteSink().u16(code.number()).varint(retryAfterMillis);
    to.text(text, MAX_TEXT_BYTES).u8(proofs);
    int unproven = to.size();
    byte[] frame = to.raw(new byte[proofs * Transcript.PROOF_BYTES]).toFrame(FrameType.REFUSED);
    said.add(frame, 0, Frame.HEAD_BYTES + unproven);
    for (int i = 0; i < proofs; i++) {
      byte[] key = Transcript.key(tokens.get(i), Transcript.NO_SECRET);
      byte[] proof = said.proof(Transcript.Prover.REFUSAL, key);
      int at = Frame.HEAD_BYTES + unproven + i * Transcript.PROOF_BYTES;
      System.arraycopy(proof, 0, frame, at, proof.length);
    }
    return frame;
  }

  /**
   * Reads a frame.
   *
   * @param said without this frame
   */
  static Refusal read(ByteBuffer frame, Transcript said, byte[] token)
      throws LinkProtocolException {
    int length = frame.remaining();
    ByteSource from =
        new ByteSource("REFUSED", frame.slice(Frame.HEAD_BYTES, length - Frame.HEAD_BYTES));
    LinkCode code = LinkCode.of(from.u16());
    long retryAfterMillis = from.varint();
    String text = from.text(MAX_TEXT_BYTES, "text");
    int proofs = from.u8();
    if (proofs > MAX_PROOFS) {
      throw new LinkProtocolException("REFUSED with " + proofs + " proofs; at most 2");
    }
    said.add(frame.slice(0, length - from.rest().remaining()));
    boolean proven = false;
    byte[] key = Transcript.key(token, Transcript.NO_SECRET);
    for (int i = 0; i < proofs; i++) {
      byte[] proof = from.raw(Transcript.PROOF_BYTES);
      proven |= said.proves(Transcript.Prover.REFUSAL, key, proof);
    }
    from.end();
    return new Refusal(code, retryAfterMillis, text, proven);
  }
}
