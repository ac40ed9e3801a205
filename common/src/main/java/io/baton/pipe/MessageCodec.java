package io.baton.pipe;

import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.Exhausted;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.First;
import io.baton.pipe.Message.Give;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Held;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Latency;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.Offended;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Message.Unsaved;
import io.baton.service.Peer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of {@link Message}s: one byte of type, then the fields in the order of the record,
 * little-endian, texts and byte strings after a 16-bit length; a text is UTF-8, at most 2,000
 * bytes. A peer is one byte of kind, then its fields; a TCP address is its length (4 or 16) and its
 * bytes. A peer's key is one byte of kind, 0 for none, then its value.
 *
 * <pre>
 *  1 Hello      i32 version, i64 worker, i32 slot, i32 generation
 *  2 Handoff    i64 id, u16 listener, peer: 1 tcp {u8 n, n bytes, u16 port}
 *                                           2 unix {i32 pid, i32 uid}
 *                                           3 vsock {u32 cid, u32 port}
 *                                           4 vsock+unix {text socket, i32 pid, i32 uid}
 *               u8 kind: 0 fresh, 1 beyond limit, 2 saved {text protocol, i32 n, n bytes},
 *               3 saved and returned {the same}, 4 saved aside {text protocol}, 5 saved aside and
 *               returned {the same}
 *  3 Ping       i64 number
 *  4 Drain      i32 milliseconds
 *  5 Give       i64 total, u8 first: 0 the idlest, 1 the liveliest, 2 varied
 * 65 Ready
 * 66 Failed     text
 * 67 Taken      i64 id
 * 68 Refused    i64 id, u8 why, text reason
 * 69 Pong       i64 number
 * 70 Load       i32 connections, inFlight, busyPermille, queueDepth, i64 x 4, i64 x 14 counters,
 *              i64 x 5 memory
 * 71 Latency    byte string
 * 72 Departed   u16 listener, key: 0 none {}, 1 tcp4 {u32 address}, 2 tcp6 {i64 network},
 *                                  3 unix {u32 uid}, 4 vsock {u32 cid}
 *               i32 count
 * 73 Offended   as Departed, never with key 0
 * 74 Exhausted  text
 * 76 Unsaved    i64 id, u16 listener, text protocol, text reason
 * 77 Held       text
 * </pre>
 */
public final class MessageCodec {
  private static final int MAX_TEXT = 2_000;

  private MessageCodec() {}

  /** Bytes that {@link #write} may need at most for a message that carries no byte string. */
  public static final int MAX_PLAIN = 256;

  /**
   * Appends a message.
   *
   * @throws java.nio.BufferOverflowException if it does not fit
   */
  public static void write(Message message, ByteBuffer to) {
    switch (message) {
      case Hello m ->
          to.put((byte) 1)
              .putInt(m.version())
              .putLong(m.worker())
              .putInt(m.slot())
              .putInt(m.generation());
      case Handoff m -> {
        to.put((byte) 2).putLong(m.id()).putShort((short) m.listener());
        writePeer(m.peer(), to);
        writeKind(m.kind(), to);
      }
      case Ping m -> to.put((byte) 3).putLong(m.number());
      case Drain m -> to.put((byte) 4).putInt(m.timeoutMs());
      case Give m -> to.put((byte) 5).putLong(m.total()).put(code(m.first()));
      case Ready _ -> to.put((byte) 65);
      case Failed m -> writeText(m.reason(), to.put((byte) 66));
      case Taken m -> to.put((byte) 67).putLong(m.id());
      case Refused m -> {
        to.put((byte) 68).putLong(m.id()).put(m.why().code);
        writeText(m.reason(), Message.MAX_REASON_BYTES, to);
      }
      case Pong m -> to.put((byte) 69).putLong(m.number());
      case LoadReport m -> writeLoad(m.load(), to);
      case Latency m ->
          to.put((byte) 71)
              .putShort((short) m.histogram().remaining())
              .put(m.histogram().duplicate());
      case Departed m -> writeCount(72, m.listener(), m.peer(), m.count(), to);
      case Offended m -> writeCount(73, m.listener(), m.peer(), m.count(), to);
      case Exhausted m -> writeText(m.reason(), to.put((byte) 74));
      case Unsaved m -> {
        to.put((byte) 76).putLong(m.id()).putShort((short) m.listener());
        writeText(m.protocol(), Message.MAX_PROTOCOL_BYTES, to);
        writeText(m.reason(), Message.MAX_REASON_BYTES, to);
      }
      case Held m -> writeText(m.what(), to.put((byte) 77));
    }
  }

  private static byte code(First first) {
    return switch (first) {
      case IDLEST -> 0;
      case LIVELIEST -> 1;
      case VARIED -> 2;
    };
  }

  private static void writeText(String text, ByteBuffer to) {
    writeText(text, MAX_TEXT, to);
  }

  /** Cuts off what is too long, never inside a character. */
  private static void writeText(String text, int max, ByteBuffer to) {
    ByteBuffer bytes = ByteBuffer.allocate(max);
    StandardCharsets.UTF_8
        .newEncoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .encode(CharBuffer.wrap(text), bytes, true);
    to.putShort((short) bytes.flip().remaining()).put(bytes);
  }

  private static void writePeer(Peer peer, ByteBuffer to) {
    switch (peer) {
      case Peer.Tcp p -> {
        byte[] address = p.address().getAddress();
        to.put((byte) 1).put((byte) address.length).put(address).putShort((short) p.port());
      }
      case Peer.Unix p -> to.put((byte) 2).putInt(p.pid()).putInt(p.uid());
      case Peer.Vsock p -> to.put((byte) 3).putInt((int) p.cid()).putInt((int) p.port());
      case Peer.VsockUnix p -> {
        writeText(p.socket().toString(), to.put((byte) 4));
        to.putInt(p.pid()).putInt(p.uid());
      }
    }
  }

  private static void writeKind(HandoffKind kind, ByteBuffer to) {
    switch (kind) {
      case HandoffKind.Fresh _ -> to.put((byte) 0);
      case HandoffKind.BeyondLimit _ -> to.put((byte) 1);
      case HandoffKind.Saved saved -> {
        int returned = saved.returned() ? 1 : 0;
        switch (saved.state()) {
          case HandoffKind.State.Inline state -> {
            writeText(
                saved.protocol(), Message.MAX_PROTOCOL_BYTES, to.put((byte) (2 + returned)));
            to.putInt(state.bytes().remaining()).put(state.bytes().duplicate());
          }
          case HandoffKind.State.Aside _ ->
              writeText(
                  saved.protocol(), Message.MAX_PROTOCOL_BYTES, to.put((byte) (4 + returned)));
        }
      }
    }
  }

  /** How often something happened with a listener's peer, or with any of them. */
  private static void writeCount(
      int type, int listener, @Nullable PeerKey peer, int count, ByteBuffer to) {
    to.put((byte) type).putShort((short) listener);
    writeKey(peer, to);
    to.putInt(count);
  }

  private static void writeKey(@Nullable PeerKey key, ByteBuffer to) {
    if (key == null) {
      to.put((byte) 0);
      return;
    }
    to.put(key.kind().code);
    switch (key.kind()) {
      case TCP4, UNIX, VSOCK -> to.putInt((int) key.value());
      case TCP6 -> to.putLong(key.value());
    }
  }

  private static void writeLoad(Load load, ByteBuffer to) {
    Load.Counters c = load.counters();
    to.put((byte) 70)
        .putInt(load.connections())
        .putInt(load.inFlight())
        .putInt(load.busyPermille())
        .putInt(load.queueDepth())
        .putLong(load.heapUsedBytes())
        .putLong(load.rssBytes())
        .putLong(load.cpuNanos())
        .putLong(load.gcPauseNanos())
        .putLong(c.taken())
        .putLong(c.closed())
        .putLong(c.messagesIn())
        .putLong(c.messagesOut())
        .putLong(c.bytesIn())
        .putLong(c.bytesOut())
        .putLong(c.errors())
        .putLong(c.movedIn())
        .putLong(c.movedOut())
        .putLong(c.overflowed())
        .putLong(c.shed().heldBack())
        .putLong(c.shed().refused())
        .putLong(c.shed().evicted())
        .putLong(c.shed().unspooled())
        .putLong(load.memory().held())
        .putLong(load.memory().budget())
        .putLong(load.memory().direct())
        .putLong(load.memory().directLimit())
        .putLong(load.memory().spooled());
  }

  /**
   * Reads all messages of a packet.
   *
   * @throws MalformedMessageException if the packet is empty or anything in it is not as written
   *     here
   */
  public static List<Message> read(ByteBuffer packet) throws MalformedMessageException {
    List<Message> messages = new ArrayList<>(1);
    try {
      do {
        if (messages.size() == Message.MAX_MESSAGES) {
          throw new MalformedMessageException("more than " + Message.MAX_MESSAGES + " messages");
        }
        messages.add(readOne(packet));
      } while (packet.hasRemaining());
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
              from.getLong(), from.getShort() & 0xFFFF, readPeer(from), readKind(from));
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
          throw new MalformedMessageException("an offence of nobody");
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
      throw new MalformedMessageException("a path that is none: " + e.getMessage());
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

  private static HandoffKind readKind(ByteBuffer from) throws MalformedMessageException {
    int kind = from.get();
    return switch (kind) {
      case 0 -> HandoffKind.FRESH;
      case 1 -> HandoffKind.BEYOND_LIMIT;
      case 2, 3 -> {
        String protocol = readText(from);
        byte[] state = readBytes(from, from.getInt());
        if (state.length > Message.MAX_INLINE_STATE) {
          throw new MalformedMessageException("an inline state of " + state.length + " bytes");
        }
        HandoffKind.Saved saved =
            HandoffKind.saved(protocol, ByteBuffer.wrap(state).asReadOnlyBuffer());
        yield kind == 3 ? saved.returning() : saved;
      }
      case 4 -> HandoffKind.savedAside(readText(from));
      case 5 -> HandoffKind.savedAside(readText(from)).returning();
      default -> throw new MalformedMessageException("an unknown kind of handoff " + kind);
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
