package io.baton.mesh;

import io.baton.mesh.MeshMessage.Member;
import io.baton.mesh.MeshMessage.Stay;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.pipe.FieldReader;
import io.baton.pipe.FieldWriter;
import io.baton.pipe.MalformedMessageException;
import io.baton.service.Principal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields that messages between workers have besides numbers. Numbers are as in the messages
 * between manager and worker.
 *
 * <pre>
 * topic     u8 length, so many bytes of UTF-8
 * message   i32 length, so many bytes
 * members   u8 n, n x (i64 session, i32 move, u8 stay, u8 away (0 or 1), text principal, text about)
 * stay      0 leaving, 1 here, 2 ended
 * names     u8 n, n x topic
 * workers   u16 n, n x i64
 * key       u8 0, or u8 1 and topic
 * </pre>
 */
final class MeshFields {

  private MeshFields() {}

  static FieldWriter topic(String topic, FieldWriter to) {
    byte[] bytes = topic.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MeshMessage.MAX_TOPIC_BYTES) {
      throw new IllegalArgumentException("a topic of " + bytes.length + " bytes");
    }
    return to.u8(bytes.length).bytes(bytes);
  }

  static String topic(FieldReader from) throws MalformedMessageException {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(from.bytes(from.u8()));
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException _) {
      throw new MalformedMessageException("a topic that is not UTF-8");
    }
  }

  static FieldWriter message(byte[] message, FieldWriter to) {
    if (message.length > MeshMessage.MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException("a message of " + message.length + " bytes");
    }
    return to.i32(message.length).bytes(message);
  }

  static byte[] message(FieldReader from) throws MalformedMessageException {
    int length = from.count32();
    if (length > MeshMessage.MAX_MESSAGE_BYTES) {
      throw new MalformedMessageException("a message of " + length + " bytes");
    }
    return from.bytes(length);
  }

  static void members(List<Member> members, FieldWriter to) {
    if (members.size() > MeshMessage.MAX_MEMBERS) {
      throw new IllegalArgumentException(members.size() + " members");
    }
    to.u8(members.size());
    members.forEach(each ->
        to.i64(each.session())
            .i32(each.move())
            .u8(code(each.stay()))
            .flag(each.isAway())
            .text(each.principal(), Principal.MAX_NAME_BYTES)
            .text(each.about(), MeshMessage.MAX_ABOUT_BYTES));
  }

  static List<Member> members(FieldReader from) throws MalformedMessageException {
    int count = from.u8();
    if (count > MeshMessage.MAX_MEMBERS) {
      throw new MalformedMessageException("a list of " + count + " members");
    }
    List<Member> members = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      members.add(
          new Member(
              from.i64(),
              from.i32(),
              stay(from.u8()),
              from.flag(),
              from.text(Principal.MAX_NAME_BYTES),
              from.text(MeshMessage.MAX_ABOUT_BYTES)));
    }
    return members;
  }

  private static int code(Stay stay) {
    return switch (stay) {
      case LEAVING -> 0;
      case HERE -> 1;
      case ENDED -> 2;
    };
  }

  private static Stay stay(int code) throws MalformedMessageException {
    return switch (code) {
      case 0 -> Stay.LEAVING;
      case 1 -> Stay.HERE;
      case 2 -> Stay.ENDED;
      default -> throw FieldReader.unknown("stay", code);
    };
  }

  static void names(List<String> names, FieldWriter to) {
    if (names.size() > MeshMessage.MAX_OFFERS) {
      throw new IllegalArgumentException(names.size() + " names");
    }
    to.u8(names.size());
    names.forEach(each -> topic(each, to));
  }

  static List<String> names(FieldReader from) throws MalformedMessageException {
    int count = from.u8();
    if (count > MeshMessage.MAX_OFFERS) {
      throw new MalformedMessageException("a list of " + count + " names");
    }
    List<String> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(topic(from));
    }
    return names;
  }

  static void workers(List<Long> workers, FieldWriter to) {
    if (workers.size() > MeshMessage.MAX_UNHEARD) {
      throw new IllegalArgumentException(workers.size() + " workers");
    }
    to.u16(workers.size());
    workers.forEach(to::i64);
  }

  static List<Long> workers(FieldReader from) throws MalformedMessageException {
    int count = from.u16();
    if (count > MeshMessage.MAX_UNHEARD) {
      throw new MalformedMessageException("a list of " + count + " workers");
    }
    List<Long> workers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      workers.add(from.i64());
    }
    return workers;
  }

  static FieldWriter key(@Nullable String key, FieldWriter to) {
    return key == null ? to.flag(false) : topic(key, to.flag(true));
  }

  static @Nullable String key(FieldReader from) throws MalformedMessageException {
    return from.flag() ? topic(from) : null;
  }

  static Verdict verdict(FieldReader from) throws MalformedMessageException {
    return from.oneOf(Verdict.values(), each -> each.code, "verdict");
  }
}
