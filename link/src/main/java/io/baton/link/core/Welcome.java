package io.baton.link.core;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The contents of WELCOME but the proof at its end.
 *
 * @param secret of a new session, null for one that is resumed
 * @param offsets null for a new session
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record Welcome(
    byte[] id,
    byte @Nullable [] secret,
    long graceMillis,
    Limits limits,
    @Nullable Offsets offsets) {

  /** Makes the frame, whose last bytes prove that the server has the key. */
  byte[] toFrame(Transcript said, byte[] key) {
    ByteSink to = new ByteSink().u8(Version.MINOR).raw(id).varint(graceMillis);
    limits.write(to);
    to.flag(offsets != null);
    if (offsets != null) {
      offsets.write(to);
    }
    if (secret != null) {
      to.raw(secret);
    }
    byte[] frame = to.raw(new byte[Transcript.PROOF_BYTES]).toFrame(FrameType.WELCOME);
    int unproven = frame.length - Transcript.PROOF_BYTES;
    said.add(frame, 0, unproven);
    byte[] proof = said.proof(Transcript.Prover.SERVER, key);
    System.arraycopy(proof, 0, frame, unproven, proof.length);
    return frame;
  }

  /** Reads a frame and checks its proof. */
  static Welcome read(ByteBuffer frame, Transcript said, byte[] key) throws LinkProtocolException {
    int unproven = frame.remaining() - Transcript.PROOF_BYTES;
    if (unproven < Frame.HEAD_BYTES) {
      throw new LinkProtocolException("WELCOME is too short");
    }
    said.add(frame.slice(0, unproven));
    byte[] proof = new byte[Transcript.PROOF_BYTES];
    frame.get(unproven, proof);
    if (!said.proves(Transcript.Prover.SERVER, key, proof)) {
      throw new LinkProtocolException(
          LinkCode.FORBIDDEN, "the server's proof does not fit: it has another token");
    }
    ByteSource from =
        new ByteSource("WELCOME", frame.slice(Frame.HEAD_BYTES, unproven - Frame.HEAD_BYTES));
    int minor = from.u8();
    if (minor != Version.MINOR) {
      throw new LinkProtocolException(LinkCode.VERSION, "the server chose version 1." + minor);
    }
    byte[] id = from.raw(LinkIdentity.ID_BYTES);
    long graceMillis = from.varint();
    Limits limits = Limits.read(from);
    Offsets offsets = from.flag() ? Offsets.read(from) : null;
    byte[] secret = offsets == null ? from.raw(LinkIdentity.SECRET_BYTES) : null;
    from.end();
    return new Welcome(id, secret, graceMillis, limits, offsets);
  }
}
