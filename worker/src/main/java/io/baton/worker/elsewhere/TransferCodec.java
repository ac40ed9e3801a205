package io.baton.worker.elsewhere;

import io.baton.pipe.SavedForm;
import io.baton.service.SessionKey;
import io.baton.worker.elsewhere.TransferMessage.Dropped;
import io.baton.worker.elsewhere.TransferMessage.Fetch;
import io.baton.worker.elsewhere.TransferMessage.Found;
import io.baton.worker.elsewhere.TransferMessage.Given;
import io.baton.worker.elsewhere.TransferMessage.NotNow;
import io.baton.worker.elsewhere.TransferMessage.Part;
import io.baton.worker.elsewhere.TransferMessage.Refused;
import io.baton.worker.elsewhere.TransferMessage.Seek;
import io.baton.worker.elsewhere.TransferMessage.Take;
import io.baton.worker.elsewhere.TransferMessage.Taken;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of messages about transfers, before they are encrypted.
 *
 * <pre>
 *   u8 kind, i64 transfer, then
 *     SEEK  i64 i64 key, u8 length and listener
 *     TAKE  the same, u8 length and proof, u8 form, u16 sections, for each: u16
 *     FETCH u32 part     PART u32 part, u32 bytes of all, the rest     REFUSED u8 gone
 * </pre>
 *
 * <p>All numbers are little-endian.
 */
final class TransferCodec {
  private static final int MOST_OF_HEAD = 2 * 1024;

  private TransferCodec() {}

  static byte[] write(TransferMessage message) {
    int rest = message instanceof Part part ? part.bytes().length : MOST_OF_HEAD;
    ByteBuffer to = ByteBuffer.allocate(32 + rest).order(ByteOrder.LITTLE_ENDIAN);
    to.put(kind(message)).putLong(message.transfer());
    switch (message) {
      case Seek m -> session(to, m.key(), m.listener());
      case Take m -> {
        session(to, m.key(), m.listener());
        to.put((byte) m.proof().length).put(m.proof());
        to.put((byte) m.form().newest()).putShort((short) m.form().sections().size());
        m.form().sections().forEach(each -> to.putShort((short) (int) each));
      }
      case Fetch m -> to.putInt(m.from());
      case Part m -> to.putInt(m.index()).putInt(m.total()).put(m.bytes());
      case Refused m -> to.put((byte) (m.gone() ? 1 : 0));
      case Found _, NotNow _, Taken _, Given _, Dropped _ -> {
        // Nothing more.
      }
    }
    byte[] all = new byte[to.position()];
    to.flip().get(all);
    return all;
  }

  private static byte kind(TransferMessage message) {
    return switch (message) {
      case Seek _ -> 1;
      case Found _ -> 2;
      case NotNow _ -> 3;
      case Take _ -> 4;
      case Fetch _ -> 5;
      case Part _ -> 6;
      case Taken _ -> 7;
      case Given _ -> 8;
      case Refused _ -> 9;
      case Dropped _ -> 10;
    };
  }

  private static void session(ByteBuffer to, SessionKey key, String listener) {
    byte[] name = listener.getBytes(StandardCharsets.UTF_8);
    to.putLong(key.high()).putLong(key.low()).put((byte) name.length).put(name);
  }

  /** Reads what a worker of perhaps another release has written; null if it is something else. */
  static @Nullable TransferMessage read(byte[] bytes) {
    ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      byte kind = from.get();
      long transfer = from.getLong();
      return switch (kind) {
        case 1 -> new Seek(transfer, key(from), text(from));
        case 2 -> new Found(transfer);
        case 3 -> new NotNow(transfer);
        case 4 -> new Take(transfer, key(from), text(from), block(from), form(from));
        case 5 -> new Fetch(transfer, from.getInt());
        case 6 -> part(transfer, from);
        case 7 -> new Taken(transfer);
        case 8 -> new Given(transfer);
        case 9 -> new Refused(transfer, from.get() != 0);
        case 10 -> new Dropped(transfer);
        default -> null;
      };
    } catch (BufferUnderflowException _) {
      return null;
    }
  }

  private static SessionKey key(ByteBuffer from) {
    return new SessionKey(from.getLong(), from.getLong());
  }

  private static byte[] block(ByteBuffer from) {
    byte[] bytes = new byte[Byte.toUnsignedInt(from.get())];
    from.get(bytes);
    return bytes;
  }

  private static String text(ByteBuffer from) {
    return new String(block(from), StandardCharsets.UTF_8);
  }

  private static SavedForm form(ByteBuffer from) {
    int newest = Byte.toUnsignedInt(from.get());
    int count = Short.toUnsignedInt(from.getShort());
    Set<Integer> sections = new HashSet<>();
    for (int i = 0; i < count; i++) {
      sections.add(Short.toUnsignedInt(from.getShort()));
    }
    return new SavedForm(newest, sections);
  }

  private static @Nullable Part part(long transfer, ByteBuffer from) {
    int index = from.getInt();
    int total = from.getInt();
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    return index < 0 || total <= 0 || bytes.length == 0 || bytes.length > TransferMessage.PART_BYTES
        ? null
        : new Part(transfer, index, total, bytes);
  }
}
