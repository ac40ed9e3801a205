package io.baton.worker.identity;

import io.baton.service.Principal;
import io.baton.service.RequestHead;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an {@link Identity} in a saved session. Other releases read them: the layout is
 * never changed.
 *
 * <pre>
 *   u8 what: 1 a principal, 2 a handshake, 3 both
 *   principal: text name, u16 n, n times: text key, text value
 *   handshake: text method, text target, u16 n, n times: text name, text value
 *   text: u16 length, UTF-8; all numbers little-endian
 * </pre>
 */
public final class IdentityForm {
  private static final int PRINCIPAL = 1;
  private static final int HANDSHAKE = 2;

  /** More than the bounds of the parts lead to. */
  private static final int MAX_BYTES = 64 * 1024;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private IdentityForm() {}

  /** Returns its bytes; none if nothing is known. */
  public static ByteBuffer write(Identity identity) {
    Principal principal = identity.principal();
    RequestHead handshake = identity.handshake();
    if (principal == null && handshake == null) {
      return NOTHING;
    }
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    to.write((principal == null ? 0 : PRINCIPAL) | (handshake == null ? 0 : HANDSHAKE));
    if (principal != null) {
      text(principal.name(), to);
      u16(principal.attributes().size(), to);
      principal
          .attributes()
          .forEach((key, value) -> {
            text(key, to);
            text(value, to);
          });
    }
    if (handshake != null) {
      text(handshake.method(), to);
      text(handshake.target(), to);
      u16(handshake.fields().size(), to);
      handshake
          .fields()
          .forEach(field -> {
            text(field.name(), to);
            text(field.value(), to);
          });
    }
    return ByteBuffer.wrap(to.toByteArray());
  }

  private static void text(String text, ByteArrayOutputStream to) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    u16(utf8.length, to);
    to.writeBytes(utf8);
  }

  private static void u16(int number, ByteArrayOutputStream to) {
    to.write(number);
    to.write(number >> Byte.SIZE);
  }

  /**
   * Reads what {@link #write} wrote, here or in another release.
   *
   * @throws IllegalArgumentException if it is malformed or too long
   */
  public static Identity read(ByteBuffer bytes) {
    if (!bytes.hasRemaining()) {
      return Identity.NONE;
    }
    if (bytes.remaining() > MAX_BYTES) {
      throw malformed(null);
    }
    ByteBuffer from = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    try {
      int what = from.get();
      if (what < PRINCIPAL || what > (PRINCIPAL | HANDSHAKE)) {
        throw malformed(null);
      }
      Principal principal = (what & PRINCIPAL) == 0 ? null : principal(from);
      RequestHead handshake = (what & HANDSHAKE) == 0 ? null : handshake(from);
      if (from.hasRemaining()) {
        throw malformed(null);
      }
      return new Identity(principal, handshake);
    } catch (BufferUnderflowException e) {
      throw malformed(e);
    }
  }

  private static Principal principal(ByteBuffer from) {
    String name = text(from);
    Map<String, String> attributes = new HashMap<>();
    for (int left = u16(from); left > 0; left--) {
      attributes.put(text(from), text(from));
    }
    return new Principal(name, attributes);
  }

  private static RequestHead handshake(ByteBuffer from) {
    String method = text(from);
    String target = text(from);
    List<RequestHead.Field> fields = new ArrayList<>();
    for (int left = u16(from); left > 0; left--) {
      fields.add(new RequestHead.Field(text(from), text(from)));
    }
    return new RequestHead(method, target, fields);
  }

  private static String text(ByteBuffer from) {
    int length = u16(from);
    if (length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] utf8 = new byte[length];
    from.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static int u16(ByteBuffer from) {
    return Short.toUnsignedInt(from.getShort());
  }

  private static IllegalArgumentException malformed(@Nullable Throwable cause) {
    return new IllegalArgumentException("a saved session whose identity is malformed", cause);
  }
}
