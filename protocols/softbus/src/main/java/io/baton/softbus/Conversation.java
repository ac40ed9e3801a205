package io.baton.softbus;

import io.baton.softbus.wire.FrameOpener;
import io.baton.softbus.wire.FrameSealer;
import io.baton.softbus.wire.GcmKey;
import io.baton.softbus.wire.Ivs;
import io.baton.softbus.wire.SessionRequest;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The state of one session in the codec: what the two sides have said beyond the bytes that are not
 * decoded yet.
 *
 * <pre>
 *   NEW ──first packet──► ASKED ──reply written──► OPEN
 * </pre>
 *
 * <p>A session is saved while it is new or open:
 *
 * <pre>
 *   nothing, if it is new; else
 *   u8 length of name | name | u32 key index | session key 32 | u64 next sent | i64 last received
 * </pre>
 */
final class Conversation {
  private final Ivs ivs;
  private @Nullable Spoken spoken;

  /** The request that has no reply yet. */
  private @Nullable SessionRequest asked;

  /** What is known from the first packet on. */
  private record Spoken(
      String name, long keyIndex, GcmKey key, FrameSealer sealer, FrameOpener opener) {}

  Conversation(Ivs ivs) {
    this.ivs = ivs;
  }

  boolean isNew() {
    return spoken == null;
  }

  /** Whether the session may be saved now. */
  boolean isSavable() {
    return asked == null;
  }

  void ask(SessionRequest request) {
    asked = request;
    speak(request.name(), request.under().index(), request.key(), 0, FrameOpener.NONE);
  }

  private void speak(String name, long keyIndex, GcmKey key, long next, long last) {
    spoken =
        new Spoken(
            name, keyIndex, key, new FrameSealer(key, ivs, next), new FrameOpener(key, last));
  }

  /** Returns the request, which is replied to now; null if it has its reply. */
  @Nullable SessionRequest reply() {
    SessionRequest its = asked;
    asked = null;
    return its;
  }

  /**
   * Returns the sender's side.
   *
   * @throws IllegalStateException if the client has not sent its first packet
   */
  FrameSealer sealer() {
    return spoken().sealer;
  }

  /**
   * Returns the receiver's side.
   *
   * @throws IllegalStateException if the client has not sent its first packet
   */
  FrameOpener opener() {
    return spoken().opener;
  }

  String name() {
    return spoken().name;
  }

  long keyIndex() {
    return spoken().keyIndex;
  }

  private Spoken spoken() {
    if (spoken == null) {
      throw new IllegalStateException("the client has not sent its first packet yet");
    }
    return spoken;
  }

  ByteBuffer save() {
    Spoken its = spoken;
    if (its == null) {
      return ByteBuffer.allocate(0);
    }
    byte[] name = its.name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(
            1 + name.length + Integer.BYTES + GcmKey.SESSION_KEY_BYTES + 2 * Long.BYTES)
        .put((byte) name.length)
        .put(name)
        .putInt((int) its.keyIndex)
        .put(its.key.bytes())
        .putLong(its.sealer.next())
        .putLong(its.opener.last())
        .flip();
  }

  /**
   * Goes on with what was saved.
   *
   * @throws IllegalArgumentException if it is invalid
   */
  void restore(ByteBuffer saved) {
    if (!saved.hasRemaining()) {
      return;
    }
    try {
      byte[] name = new byte[saved.get()];
      saved.get(name);
      long keyIndex = Integer.toUnsignedLong(saved.getInt());
      byte[] key = new byte[GcmKey.SESSION_KEY_BYTES];
      saved.get(key);
      String text = new String(name, StandardCharsets.UTF_8);
      speak(text, keyIndex, GcmKey.ofSession(key), saved.getLong(), saved.getLong());
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      throw new IllegalArgumentException("the saved session is cut short", e);
    }
    if (saved.hasRemaining()) {
      throw new IllegalArgumentException(
          "the saved session has %d bytes too many".formatted(saved.remaining()));
    }
  }
}
