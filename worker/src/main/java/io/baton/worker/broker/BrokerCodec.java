package io.baton.worker.broker;

import io.baton.mesh.MeshCodec;
import io.baton.mesh.MeshMessage;
import io.baton.pipe.MalformedMessageException;
import io.baton.worker.topics.RemotePublications;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of messages at the broker, each with a code that only those can make who have the
 * cluster's secret (HMAC-SHA-256, its first 16 bytes, over all that is before it).
 *
 * <pre>
 *   u8 version, u8 kind, i64 machine, i64 worker, i64 n, u8 flags, u8 length and topic in UTF-8,
 *   the rest: the message, or a server's name; 16 bytes of the code
 * </pre>
 *
 * <p>Of what workers of one machine would say, n is the version. A message of a kind or version
 * that is not known is of another release: it is dropped, and its sender is heard all the same.
 *
 * <p>All numbers are little-endian. Not thread safe.
 */
final class BrokerCodec {
  static final int VERSION = 1;
  static final int CODE_BYTES = 16;

  private static final int HEAD_BYTES = 2 + 3 * Long.BYTES + 2;
  private static final int MAX_TOPIC_BYTES = 255;
  private static final int MAX_SERVER_BYTES = 256;
  private static final int UNSURE = 1;
  private static final int LOST = 1;
  private static final String ALGORITHM = "HmacSHA256";

  /** What a message was read to be. */
  sealed interface Read {
    /** A message of a worker of the cluster. */
    record Message(long machine, long worker, BrokerMessage content) implements Read {}

    /** Nothing. */
    record Dropped(DropReason reason) implements Read {}
  }

  private enum Kind {
    PUBLISH(1),
    MARK(2),
    END(3),
    HELLO(4),
    BYE(5),
    OF_MESH(6),
    OF_TRANSFERS(7);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }

    private static @Nullable Kind of(byte code) {
      return switch (code) {
        case 1 -> PUBLISH;
        case 2 -> MARK;
        case 3 -> END;
        case 4 -> HELLO;
        case 5 -> BYE;
        case 6 -> OF_MESH;
        case 7 -> OF_TRANSFERS;
        default -> null;
      };
    }
  }

  private final long machine;
  private final long worker;
  private final List<Mac> macs = new ArrayList<>();

  /** Where messages are written, of which most are far shorter than they may be. */
  private final ByteBuffer written =
      ByteBuffer.allocate(HEAD_BYTES + MAX_TOPIC_BYTES + MeshCodec.MAX_PACKET)
          .order(ByteOrder.LITTLE_ENDIAN);

  /**
   * @param machine of this worker
   * @param worker its number among all of the cluster
   * @param cluster its name: another one has other codes
   * @param secrets the current one, and former ones that are good still; without any, the codes
   *     only tell messages of the cluster from others
   */
  BrokerCodec(long machine, long worker, String cluster, List<byte[]> secrets) {
    this.machine = machine;
    this.worker = worker;
    List<byte[]> all = secrets.isEmpty() ? List.of(new byte[] {0}) : secrets;
    all.forEach(each -> macs.add(mac(each, cluster)));
  }

  private static Mac mac(byte[] secret, String cluster) {
    byte[] label = ("baton broker " + cluster).getBytes(StandardCharsets.US_ASCII);
    try {
      byte[] key =
          KDF.getInstance("HKDF-SHA256")
              .deriveData(
                  HKDFParameterSpec.ofExtract().addIKM(secret).thenExpand(label, 2 * CODE_BYTES));
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks HKDF or HMAC with SHA-256", e);
    }
  }

  byte[] write(BrokerMessage message) {
    switch (message) {
      case BrokerMessage.Publish m -> begin(Kind.PUBLISH, m.n(), 0, m.topic()).put(m.message());
      case BrokerMessage.Mark m -> begin(Kind.MARK, m.n(), m.unsure() ? UNSURE : 0, m.topic());
      case BrokerMessage.End m -> begin(Kind.END, m.n(), 0, m.topic());
      case BrokerMessage.Hello m ->
          begin(Kind.HELLO, 0, m.lost() ? LOST : 0, "")
              .put(m.server().getBytes(StandardCharsets.UTF_8));
      case BrokerMessage.Bye _ -> begin(Kind.BYE, 0, 0, "");
      case BrokerMessage.OfMesh m -> {
        if (!MeshCodec.write(m.content(), begin(Kind.OF_MESH, MeshCodec.VERSION, 0, ""))) {
          throw new IllegalArgumentException(
              "a message longer than a packet: " + m.content().getClass());
        }
      }
      case BrokerMessage.OfTransfers m -> begin(Kind.OF_TRANSFERS, 0, 0, "").put(m.sealed());
    }
    byte[] all = Arrays.copyOf(written.array(), written.position() + CODE_BYTES);
    sign(all);
    return all;
  }

  /** Writes all that comes before the rest. */
  private ByteBuffer begin(Kind kind, long n, int flags, String topic) {
    byte[] name = topic.getBytes(StandardCharsets.UTF_8);
    return written
        .clear()
        .put((byte) VERSION)
        .put(kind.code)
        .putLong(machine)
        .putLong(worker)
        .putLong(n)
        .put((byte) flags)
        .put((byte) name.length)
        .put(name);
  }

  /** Puts the code behind a message, where there is room for it. */
  void sign(byte[] all) {
    byte[] code = code(macs.getFirst(), all);
    System.arraycopy(code, 0, all, all.length - CODE_BYTES, CODE_BYTES);
  }

  private static byte[] code(Mac mac, byte[] all) {
    mac.update(all, 0, all.length - CODE_BYTES);
    return Arrays.copyOf(mac.doFinal(), CODE_BYTES);
  }

  /** Reads a message of anybody. */
  Read read(byte[] all) {
    if (all.length < HEAD_BYTES + CODE_BYTES || !isAuthentic(all)) {
      return new Read.Dropped(DropReason.FORGED);
    }
    ByteBuffer from =
        ByteBuffer.wrap(all, 0, all.length - CODE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (from.get() != VERSION) {
      return new Read.Dropped(DropReason.VERSION);
    }
    Kind kind = Kind.of(from.get());
    long itsMachine = from.getLong();
    long itsWorker = from.getLong();
    if (kind == null || (kind == Kind.OF_MESH && !MeshCodec.reads(from.getLong(from.position())))) {
      return new Read.Dropped(DropReason.VERSION);
    }
    BrokerMessage content = RemotePublications.isRemote(itsWorker) ? content(kind, from) : null;
    return content == null
        ? new Read.Dropped(DropReason.MALFORMED)
        : new Read.Message(itsMachine, itsWorker, content);
  }

  private boolean isAuthentic(byte[] all) {
    byte[] its = Arrays.copyOfRange(all, all.length - CODE_BYTES, all.length);
    for (Mac each : macs) {
      if (MessageDigest.isEqual(code(each, all), its)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable BrokerMessage content(Kind kind, ByteBuffer from) {
    long n = from.getLong();
    int flags = from.get();
    byte[] name = new byte[Byte.toUnsignedInt(from.get())];
    if (name.length > from.remaining()) {
      return null;
    }
    from.get(name);
    String topic = text(name);
    return topic == null ? null : content(kind, n, flags, topic, from);
  }

  private static @Nullable BrokerMessage content(
      Kind kind, long n, int flags, String topic, ByteBuffer rest) {
    boolean isOfTopic = !topic.isEmpty() && n >= 0;
    return switch (kind) {
      case PUBLISH ->
          isOfTopic && n > 0 && rest.remaining() <= MeshMessage.MAX_MESSAGE_BYTES
              ? new BrokerMessage.Publish(topic, n, bytes(rest))
              : null;
      case MARK -> isOfTopic ? new BrokerMessage.Mark(topic, n, (flags & UNSURE) != 0) : null;
      case END -> isOfTopic ? new BrokerMessage.End(topic, n) : null;
      case HELLO -> {
        String server = rest.remaining() > MAX_SERVER_BYTES ? null : text(bytes(rest));
        yield server == null ? null : new BrokerMessage.Hello(server, (flags & LOST) != 0);
      }
      case BYE -> new BrokerMessage.Bye();
      case OF_MESH -> ofMesh(rest);
      case OF_TRANSFERS -> new BrokerMessage.OfTransfers(bytes(rest));
    };
  }

  private static byte[] bytes(ByteBuffer from) {
    byte[] all = new byte[from.remaining()];
    from.get(all);
    return all;
  }

  private static @Nullable BrokerMessage ofMesh(ByteBuffer packet) {
    try {
      List<MeshMessage> read = MeshCodec.read(packet);
      return read.size() == 1 ? new BrokerMessage.OfMesh(read.getFirst()) : null;
    } catch (MalformedMessageException _) {
      return null;
    }
  }

  private static @Nullable String text(byte[] utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException _) {
      return null;
    }
  }
}
