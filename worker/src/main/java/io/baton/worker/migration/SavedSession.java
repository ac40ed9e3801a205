package io.baton.worker.migration;

import io.baton.codec.Saved;
import io.baton.pipe.SavedForm;
import io.baton.worker.topics.TopicPositions;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A session with its carrier on the way from one worker to another: all that the next one needs
 * besides the descriptor. Only workers read it, of this release and of others.
 *
 * <pre>
 *   u8 form, then sections to the end: see {@link Section} and {@link SectionKind}
 * </pre>
 *
 * <p>An empty section is not written. A section of an unknown kind is kept and goes along on the
 * next move if it is not critical; if it is, the session is refused.
 *
 * @param protocol which of its listener's protocols is spoken: {@link io.baton.codec.Protocol#name}
 * @param codec the codec's part, and the input that no message has used up
 * @param service what the service saved
 * @param unsent output that the client has not taken yet
 * @param cover what the connection's cover needs; no bytes if it has none
 * @param id number of the session's first connection, an i64; no bytes if that is this one
 * @param away milliseconds for which it still waits for its client, a u32; no bytes if it has one
 * @param identity what is known of its client; no bytes if that is nothing
 * @param account what the access log will say of it; no bytes if it has no line there
 * @param topics what it has got of its topics; no bytes if it has none
 * @param companions its further connections
 * @param others sections that this release does not know
 */
public record SavedSession(
    String protocol,
    Saved codec,
    ByteBuffer service,
    ByteBuffer unsent,
    ByteBuffer cover,
    ByteBuffer id,
    ByteBuffer away,
    ByteBuffer identity,
    ByteBuffer account,
    ByteBuffer topics,
    List<SavedSession> companions,
    List<Section> others) {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /** What a worker of this release reads. */
  public static final SavedForm READ = SectionKind.READ;

  public SavedSession {
    service = service.asReadOnlyBuffer();
    unsent = unsent.asReadOnlyBuffer();
    cover = cover.asReadOnlyBuffer();
    id = id.asReadOnlyBuffer();
    away = away.asReadOnlyBuffer();
    identity = identity.asReadOnlyBuffer();
    account = account.asReadOnlyBuffer();
    topics = topics.asReadOnlyBuffer();
    companions = List.copyOf(companions);
    others = List.copyOf(others);
  }

  /** One without an account and topics. */
  public SavedSession(
      String protocol,
      Saved codec,
      ByteBuffer service,
      ByteBuffer unsent,
      ByteBuffer cover,
      ByteBuffer id,
      ByteBuffer away,
      ByteBuffer identity,
      List<SavedSession> companions,
      List<Section> others) {
    this(
        protocol,
        codec,
        service,
        unsent,
        cover,
        id,
        away,
        identity,
        NOTHING,
        NOTHING,
        companions,
        others);
  }

  /** One without a cover, and without sections that are unknown here. */
  public SavedSession(String protocol, Saved codec, ByteBuffer service, ByteBuffer unsent) {
    this(
        protocol, codec, service, unsent, NOTHING, NOTHING, NOTHING, NOTHING, List.of(), List.of());
  }

  /**
   * A connection without a session: what is spoken on it and how far that has come, what it owes,
   * what its cover needs, and what is known of its client.
   */
  public static SavedSession carrier(
      String protocol, Saved codec, ByteBuffer unsent, ByteBuffer cover, ByteBuffer identity) {
    return connection(protocol, codec, unsent, cover, identity);
  }

  /**
   * Returns the same for another machine, where topics have other publishers.
   *
   * @param number of the session, which it keeps there; 0 if it gets that of its next connection
   */
  public SavedSession forOtherMachine(long number) {
    ByteBuffer there =
        topics.hasRemaining() ? TopicPositions.decode(topics).forOtherMachine().encode() : topics;
    return new SavedSession(
        protocol,
        codec,
        service,
        unsent,
        cover,
        number == 0 ? NOTHING : id(number, NO_CONNECTION),
        away,
        identity,
        account,
        there,
        companions,
        others);
  }

  /** One of a session's further connections. */
  public static SavedSession companion(
      String protocol, Saved codec, ByteBuffer unsent, ByteBuffer cover) {
    return connection(protocol, codec, unsent, cover, NOTHING);
  }

  private static SavedSession connection(
      String protocol, Saved codec, ByteBuffer unsent, ByteBuffer cover, ByteBuffer identity) {
    return new SavedSession(
        protocol, codec, NOTHING, unsent, cover, NOTHING, NOTHING, identity, List.of(), List.of());
  }

  /** The number of no connection. */
  private static final long NO_CONNECTION = 0;

  /** Returns the form of a session's number; no bytes if it is that of this connection. */
  static ByteBuffer id(long session, long connection) {
    return session == connection
        ? NOTHING
        : ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(session).flip();
  }

  /** Returns the form of a time; no bytes if it is negative. */
  static ByteBuffer away(long ms) {
    return ms < 0
        ? NOTHING
        : ByteBuffer.allocate(Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt((int) Math.min(ms, 0xFFFF_FFFFL))
            .flip();
  }

  /** Returns for how long it still waits for its client; negative if that is there. */
  public long awayMs() {
    return away.hasRemaining()
        ? Integer.toUnsignedLong(away.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt())
        : -1;
  }

  /** Returns the session's number, if its connection is this one or not. */
  public long idOr(long connection) {
    return id.hasRemaining() ? id.duplicate().order(ByteOrder.LITTLE_ENDIAN).getLong() : connection;
  }

  /**
   * Returns why it cannot be written so that a worker that reads no more than this understands it;
   * empty if it can. What such a worker does not know and is not critical is left out.
   */
  public Optional<String> unreadableIn(SavedForm form) {
    if (form.newest() < SectionKind.FORM) {
      return Optional.of(
          "form %d of saved sessions is not read by every worker".formatted(SectionKind.FORM));
    }
    if (form.equals(READ)) {
      return Optional.empty(); // as long as workers of one release run
    }
    for (Section section : sections()) {
      if (section.critical() && !form.reads(section.kind())) {
        return Optional.of("section " + section.kind() + " is not read by every worker");
      }
    }
    return Optional.empty();
  }

  /** Returns its bytes, for a worker that reads no more than this. */
  public ByteBuffer encode(SavedForm form) {
    List<Section> written = sections();
    if (!form.equals(READ)) {
      written.removeIf(section -> !form.reads(section.kind()));
    }
    written.addAll(others);
    int size = 1;
    for (Section section : written) {
      size += section.size();
    }
    ByteBuffer to =
        ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put((byte) SectionKind.FORM);
    for (Section section : written) {
      section.write(to);
    }
    return to.flip();
  }

  /** All sections whose kinds are known here. */
  private List<Section> sections() {
    List<Section> all = new ArrayList<>(SectionKind.values().length);
    for (SectionKind kind : SectionKind.values()) {
      ByteBuffer bytes =
          switch (kind) {
            case UNREAD -> codec.unread();
            case UNSENT -> unsent;
            case COVER -> cover;
            case COMPANIONS -> companionBytes();
            case PROTOCOL -> ByteBuffer.wrap(protocol.getBytes(StandardCharsets.UTF_8));
            case CODEC -> codecBytes();
            case SERVICE -> service;
            case SESSION -> id;
            case AWAY -> away;
            case IDENTITY -> identity;
            case ACCOUNT -> account;
            case TOPICS -> topics;
          };
      if (bytes.hasRemaining()) {
        all.add(Section.of(kind, bytes));
      }
    }
    return all;
  }

  private ByteBuffer companionBytes() {
    List<ByteBuffer> all = companions.stream().map(each -> each.encode(READ)).toList();
    int size = all.stream().mapToInt(each -> Integer.BYTES + each.remaining()).sum();
    ByteBuffer to = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    all.forEach(each -> to.putInt(each.remaining()).put(each));
    return to.flip();
  }

  private static List<SavedSession> companions(ByteBuffer section) {
    ByteBuffer from = section.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    List<SavedSession> all = new ArrayList<>(0);
    while (from.hasRemaining()) {
      int length = from.getInt();
      if (length < 0 || length > from.remaining()) {
        throw new BufferUnderflowException();
      }
      SavedSession one = decode(from.slice(from.position(), length));
      if (!one.companions.isEmpty() || !one.others.isEmpty()) {
        throw new IllegalArgumentException("a companion with more than a connection's sections");
      }
      all.add(one);
      from.position(from.position() + length);
    }
    return all;
  }

  private ByteBuffer codecBytes() {
    byte[] name = codec.codec().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(
            Short.BYTES + name.length + Integer.BYTES + codec.state().remaining())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) name.length)
        .put(name)
        .putInt(codec.version())
        .put(codec.state().duplicate())
        .flip();
  }

  /**
   * Reads what {@link #encode} wrote, here or in another release; the buffers are views of the one
   * given.
   *
   * @throws IllegalArgumentException if it is malformed, or in a form or with a critical section
   *     that is unknown here
   */
  public static SavedSession decode(ByteBuffer encoded) {
    ByteBuffer from = encoded.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    try {
      byte form = from.get();
      if (form != SectionKind.FORM) {
        throw new IllegalArgumentException(
            "a session saved in form %d; read is form %d".formatted(form, SectionKind.FORM));
      }
      Map<SectionKind, ByteBuffer> known = new EnumMap<>(SectionKind.class);
      List<Section> others = new ArrayList<>(0);
      while (from.hasRemaining()) {
        sort(Section.read(from), known, others);
      }
      String protocol = text(bytes(known, SectionKind.PROTOCOL));
      Saved codec = codec(known.get(SectionKind.CODEC), bytes(known, SectionKind.UNREAD));
      ByteBuffer service = bytes(known, SectionKind.SERVICE);
      return new SavedSession(
          protocol,
          codec,
          service,
          bytes(known, SectionKind.UNSENT),
          bytes(known, SectionKind.COVER),
          number(bytes(known, SectionKind.SESSION), Long.BYTES),
          number(bytes(known, SectionKind.AWAY), Integer.BYTES),
          bytes(known, SectionKind.IDENTITY),
          bytes(known, SectionKind.ACCOUNT),
          bytes(known, SectionKind.TOPICS),
          companions(bytes(known, SectionKind.COMPANIONS)),
          others);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("a saved session that ends too early", e);
    }
  }

  private static void sort(
      Section section, Map<SectionKind, ByteBuffer> known, List<Section> others) {
    Optional<SectionKind> kind = SectionKind.of(section.kind());
    if (kind.isPresent()) {
      if (known.put(kind.get(), section.bytes()) != null) {
        throw new IllegalArgumentException("a saved session with two sections " + section.kind());
      }
    } else if (section.critical()) {
      throw new IllegalArgumentException(
          "a saved session with section %d, which is critical and unknown to this release"
              .formatted(section.kind()));
    } else {
      others.add(section);
    }
  }

  private static ByteBuffer bytes(Map<SectionKind, ByteBuffer> known, SectionKind kind) {
    return known.getOrDefault(kind, NOTHING);
  }

  private static ByteBuffer number(ByteBuffer bytes, int length) {
    if (bytes.hasRemaining() && bytes.remaining() != length) {
      throw new IllegalArgumentException(
          "a saved session whose number has %d bytes".formatted(bytes.remaining()));
    }
    return bytes;
  }

  private static Saved codec(@Nullable ByteBuffer section, ByteBuffer unread) {
    if (section == null) {
      throw new IllegalArgumentException("a saved session without a codec's section");
    }
    ByteBuffer from = section.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int length = Short.toUnsignedInt(from.getShort());
    if (length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    String name = text(from.slice(from.position(), length));
    from.position(from.position() + length);
    int version = from.getInt();
    return new Saved(name, version, from.slice(), unread);
  }

  private static String text(ByteBuffer utf8) {
    byte[] bytes = new byte[utf8.remaining()];
    utf8.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
