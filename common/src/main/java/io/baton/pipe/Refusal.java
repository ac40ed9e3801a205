package io.baton.pipe;

import org.jspecify.annotations.Nullable;

/** Why a worker does not take a handoff. */
public enum Refusal {
  /** Out of descriptors: the client's could not be received. */
  NO_DESCRIPTORS(1),
  /** This worker takes nothing new. */
  DRAINING(2),
  /** The descriptor could not be adopted. */
  UNUSABLE(3),
  /** Codec or service cannot go on with the saved state. */
  UNREADABLE(4);

  final byte code;

  Refusal(int code) {
    this.code = (byte) code;
  }

  static @Nullable Refusal of(byte code) {
    for (Refusal refusal : values()) {
      if (refusal.code == code) {
        return refusal;
      }
    }
    return null;
  }
}
