package io.baton.pipe;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a packet: its messages, one after the other. The bytes of each message are in {@link
 * MessageType}.
 */
public final class MessageCodec {
  private MessageCodec() {}

  /**
   * Appends a message.
   *
   * @param to little-endian
   * @throws java.nio.BufferOverflowException if the message does not fit
   */
  public static void write(Message message, ByteBuffer to) {
    MessageType.write(message, new FieldWriter(to));
  }

  /**
   * Reads all messages of a packet.
   *
   * @param packet little-endian, from its position to its limit
   * @throws MalformedMessageException if the packet is empty or any message in it is malformed
   */
  public static List<Message> read(ByteBuffer packet) throws MalformedMessageException {
    FieldReader from = new FieldReader(packet);
    List<Message> messages = new ArrayList<>(1);
    try {
      do {
        if (messages.size() == Message.MAX_MESSAGES) {
          throw new MalformedMessageException("more than " + Message.MAX_MESSAGES + " messages");
        }
        messages.add(MessageType.read(from));
      } while (!from.isAtEnd());
      return messages;
    } catch (BufferUnderflowException _) {
      throw new MalformedMessageException("a message that ends too early");
    }
  }

  private static Message readOne(ByteBuffer from) throws MalformedMessageException {
    int type = from.get();
    return switch (type) {
      case 1 -> new Hello(from.getInt(), from.getLong(), from.getInt(), from.getInt());
      case 2 ->
          new Handoff(
              from.getLong(), from.getShort() & 0xFFFF, readPeer(from), readCondition(from));
      case 3 -> new Ping(from.getLong());
      case 4 -> new Drain(from.getInt());
      case 5 -> new Give(count(from.getLong()), readFirst(from));
      case 65 -> new Ready();
      case 66 -> new Failed(readText(from));
      case 67 -> new Taken(from.getLong());
      case 68 -> new Refused(from.getLong(), readRefusal(from), readText(from));
      case 69 -> new Pong(from.getLong());
      case 70 -> new LoadReport(readLoad(from));
      case 71 -> new Latency(ByteBuffer.wrap(readBytes(from)).asReadOnlyBuffer());
      case 72 -> new Departed(from.getShort() & 0xFFFF, readKey(from), readCount(from));
      case 73 -> {
        int listener = from.getShort() & 0xFFFF;
        PeerKey peer = readKey(from);
        if (peer == null) {
          throw new MalformedMessageException("an offence without a peer");
        }
        yield new Offended(listener, peer, readCount(from));
      }
      case 74 -> new Exhausted(readText(from));
      case 76 ->
          new Unsaved(from.getLong(), from.getShort() & 0xFFFF, readText(from), readText(from));
      case 77 -> new Held(readText(from));
      default -> throw new MalformedMessageException("an unknown message type " + type);
    };
  }

  private static Peer readPeer(ByteBuffer from) throws MalformedMessageException {
    int kind = from.get();
    return switch (kind) {
      case 1 -> {
        int length = from.get();
        if (length != 4 && length != 16) {
          throw new MalformedMessageException("an address of " + length + " bytes");
        }
        byte[] address = new byte[length];
        from.get(address);
        try {
          yield new Peer.Tcp(InetAddress.getByAddress(address), from.getShort() & 0xFFFF);
        } catch (UnknownHostException e) {
          throw new IllegalStateException(e); // only for an illegal length, checked above
        }
      }
      case 2 -> new Peer.Unix(from.getInt(), from.getInt());
      case 3 ->
          new Peer.Vsock(
              Integer.toUnsignedLong(from.getInt()), Integer.toUnsignedLong(from.getInt()));
      case 4 -> new Peer.VsockUnix(readPath(from), from.getInt(), from.getInt());
      default -> throw new MalformedMessageException("an unknown kind of peer " + kind);
    };
  }

  private static Path readPath(ByteBuffer from) throws MalformedMessageException {
    try {
      return Path.of(readText(from));
    } catch (InvalidPathException e) {
      throw new MalformedMessageException("an invalid path: " + e.getMessage());
    }
  }

  private static First readFirst(ByteBuffer from) throws MalformedMessageException {
    int first = from.get();
    return switch (first) {
      case 0 -> First.IDLEST;
      case 1 -> First.LIVELIEST;
      case 2 -> First.VARIED;
      default -> throw new MalformedMessageException("an unknown order of connections " + first);
    };
  }

  private static Condition readCondition(ByteBuffer from) throws MalformedMessageException {
    int kind = from.get();
    return switch (kind) {
      case 0 -> Condition.FRESH;
      case 1 -> Condition.BEYOND_LIMIT;
      case 2, 3 -> {
        String protocol = readText(from);
        byte[] state = readBytes(from, from.getInt());
        if (state.length > Message.MAX_INLINE_STATE) {
          throw new MalformedMessageException("an inline state of " + state.length + " bytes");
        }
        yield new Condition.Saved(protocol, ByteBuffer.wrap(state).asReadOnlyBuffer(), kind == 3);
      }
      case 4, 5 -> new Condition.SavedAside(readText(from), kind == 5);
      default -> throw new MalformedMessageException("an unknown condition " + kind);
    };
  }

  private static @Nullable PeerKey readKey(ByteBuffer from) throws MalformedMessageException {
    int kind = from.get();
    return switch (kind) {
      case 0 -> null;
      case 1 -> new PeerKey(PeerKey.Kind.TCP4, Integer.toUnsignedLong(from.getInt()));
      case 2 -> new PeerKey(PeerKey.Kind.TCP6, from.getLong());
      case 3 -> new PeerKey(PeerKey.Kind.UNIX, Integer.toUnsignedLong(from.getInt()));
      case 4 -> new PeerKey(PeerKey.Kind.VSOCK, Integer.toUnsignedLong(from.getInt()));
      default -> throw new MalformedMessageException("an unknown kind of peer's key " + kind);
    };
  }

  private static int readCount(ByteBuffer from) throws MalformedMessageException {
    int count = from.getInt();
    if (count < 1) {
      throw new MalformedMessageException("a count of " + count);
    }
    return count;
  }

  private static Refusal readRefusal(ByteBuffer from) throws MalformedMessageException {
    byte code = from.get();
    Refusal why = Refusal.of(code);
    if (why == null) {
      throw new MalformedMessageException("an unknown refusal " + code);
    }
    return why;
  }

  private static Load readLoad(ByteBuffer from) throws MalformedMessageException {
    Load load =
        new Load(
            count(from.getInt()),
            count(from.getInt()),
            count(from.getInt()),
            count(from.getInt()),
            count(from.getLong()),
            count(from.getLong()),
            count(from.getLong()),
            count(from.getLong()),
            new Load.Counters(
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong()),
                new Load.Shed(
                    count(from.getLong()),
                    count(from.getLong()),
                    count(from.getLong()),
                    count(from.getLong()))),
            new Load.Memory(
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong()),
                count(from.getLong())));
    if (load.busyPermille() > 1_000) {
      throw new MalformedMessageException("a busy share of " + load.busyPermille() + " permille");
    }
    return load;
  }

  private static int count(int n) throws MalformedMessageException {
    return (int) count((long) n);
  }

  private static long count(long n) throws MalformedMessageException {
    if (n < 0) {
      throw new MalformedMessageException("a count of " + n);
    }
    return n;
  }

  private static String readText(ByteBuffer from) throws MalformedMessageException {
    byte[] bytes = readBytes(from);
    if (bytes.length > MAX_TEXT) {
      throw new MalformedMessageException("a text of " + bytes.length + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException _) {
      throw new MalformedMessageException("a text that is not UTF-8");
    }
  }

  private static byte[] readBytes(ByteBuffer from) {
    return readBytes(from, from.getShort() & 0xFFFF);
  }

  private static byte[] readBytes(ByteBuffer from, int length) {
    if (length < 0 || length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    from.get(bytes);
    return bytes;
  }
}
