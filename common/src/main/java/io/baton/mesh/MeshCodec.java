package io.baton.mesh;

import io.baton.pipe.FieldReader;
import io.baton.pipe.FieldWriter;
import io.baton.pipe.MalformedMessageException;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a packet between two workers: its messages, one after the other. The bytes of each
 * message are in {@link MeshMessageType}.
 *
 * <p>The first packet in each direction begins with an <em>opening</em>, {@code u8 0, u16 version},
 * before its messages, of which there may be none.
 */
public final class MeshCodec {
  /**
   * Version of the messages. It is raised whenever the bytes of any message change; a worker then
   * still reads, and writes to a neighbour of it, the version of the release before.
   */
  public static final int VERSION = 1;

  /** The oldest version that is read. */
  static final int OLDEST_VERSION = 1;

  /** Longest packet, in bytes: any message fits, behind an opening. */
  public static final int MAX_PACKET = MeshMessage.MAX_MESSAGE_BYTES + 1024;

  private static final int OPENING = 0;

  private MeshCodec() {}

  /** Whether messages of this version are read. */
  public static boolean reads(long version) {
    return version >= OLDEST_VERSION && version <= VERSION;
  }

  /** Begins the first packet of a link. */
  static void open(ByteBuffer packet) {
    new FieldWriter(packet).u8(OPENING).u16(VERSION);
  }

  /**
   * Reads the beginning of the first packet of a link.
   *
   * @return the neighbour's version
   * @throws MalformedMessageException if there is none, or none that is read here
   */
  static int readOpening(ByteBuffer packet) throws MalformedMessageException {
    FieldReader from = new FieldReader(packet);
    try {
      int code = from.u8();
      if (code != OPENING) {
        throw new MalformedMessageException("a first packet that begins with " + code);
      }
      int version = from.u16();
      if (version < OLDEST_VERSION) {
        throw new MalformedMessageException(
            "version %d of the messages between workers; %d to %d are read"
                .formatted(version, OLDEST_VERSION, VERSION));
      }
      return version;
    } catch (BufferUnderflowException _) {
      throw new MalformedMessageException("a first packet that ends too early");
    }
  }

  /**
   * Appends a message.
   *
   * @param packet little-endian
   * @return false if there is no room for it; the packet is as it was then
   * @throws IllegalArgumentException if a field is longer than any packet may have it
   */
  public static boolean write(MeshMessage message, ByteBuffer packet) {
    int before = packet.position();
    try {
      MeshMessageType.write(message, new FieldWriter(packet));
      return true;
    } catch (BufferOverflowException _) {
      packet.position(before);
      return false;
    }
  }

  /**
   * Reads all messages of a packet, or of what is left of it behind an opening.
   *
   * @param packet little-endian, from its position to its limit
   * @throws MalformedMessageException if any message in it is malformed
   */
  public static List<MeshMessage> read(ByteBuffer packet) throws MalformedMessageException {
    FieldReader from = new FieldReader(packet);
    List<MeshMessage> messages = new ArrayList<>();
    try {
      while (!from.isAtEnd()) {
        messages.add(MeshMessageType.read(from));
      }
      return messages;
    } catch (BufferUnderflowException _) {
      throw new MalformedMessageException("a message that ends too early");
    }
  }
}
