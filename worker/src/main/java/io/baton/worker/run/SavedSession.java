package io.baton.worker.run;

import io.baton.codec.Saved;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A session on its way from one worker to another: all that the next one needs besides the
 * descriptor. Only workers read it.
 *
 * <pre>
 *   u8 version
 *   text protocol, text codec, i32 codec's version      a text is i32 bytes, UTF-8
 *   bytes codec's state, unread, service, unsent        i32 length, then so many bytes
 * </pre>
 *
 * <p>Little-endian.
 *
 * @param protocol which of its listener's protocols is spoken: {@link io.baton.codec.Protocol#name}
 * @param codec the codec's part, and the input that no message has used up
 * @param service what the service saved
 * @param unsent output that the client has not taken yet
 */
public record SavedSession(String protocol, Saved codec, ByteBuffer service, ByteBuffer unsent) {
  private static final byte VERSION = 1;

  /** Before the variable parts: the version and seven lengths and numbers. */
  private static final int FIXED = 1 + 7 * Integer.BYTES;

  public SavedSession {
    service = service.asReadOnlyBuffer();
    unsent = unsent.asReadOnlyBuffer();
  }

  public ByteBuffer encode() {
    byte[] protocolName = protocol.getBytes(StandardCharsets.UTF_8);
    byte[] codecName = codec.codec().getBytes(StandardCharsets.UTF_8);
    int size =
        FIXED
            + protocolName.length
            + codecName.length
            + codec.state().remaining()
            + codec.unread().remaining()
            + service.remaining()
            + unsent.remaining();
    ByteBuffer to = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    to.put(VERSION);
    write(to, ByteBuffer.wrap(protocolName));
    write(to, ByteBuffer.wrap(codecName));
    to.putInt(codec.version());
    write(to, codec.state());
    write(to, codec.unread());
    write(to, service);
    write(to, unsent);
    return to.flip();
  }

  private static void write(ByteBuffer to, ByteBuffer bytes) {
    to.putInt(bytes.remaining()).put(bytes.duplicate());
  }

  /**
   * Reads what {@link #encode} wrote; the buffers are views of the one given.
   *
   * @throws IllegalArgumentException if it did not, or in another version
   */
  public static SavedSession decode(ByteBuffer encoded) {
    ByteBuffer from = encoded.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    try {
      byte version = from.get();
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "a session saved in version " + version + "; read is version " + VERSION);
      }
      String protocol = text(from);
      String codec = text(from);
      Saved saved = new Saved(codec, from.getInt(), bytes(from), bytes(from));
      SavedSession session = new SavedSession(protocol, saved, bytes(from), bytes(from));
      if (from.hasRemaining()) {
        throw new IllegalArgumentException(
            "a saved session with " + from.remaining() + " bytes too many");
      }
      return session;
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("a saved session that ends too early", e);
    }
  }

  private static String text(ByteBuffer from) {
    return StandardCharsets.UTF_8.decode(bytes(from)).toString();
  }

  private static ByteBuffer bytes(ByteBuffer from) {
    int length = from.getInt();
    if (length < 0 || length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    ByteBuffer bytes = from.slice(from.position(), length);
    from.position(from.position() + length);
    return bytes;
  }
}
