package io.baton.pipe;

import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.Change;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.Exhausted;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.First;
import io.baton.pipe.Message.FormInUse;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Held;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Joined;
import io.baton.pipe.Message.Latency;
import io.baton.pipe.Message.ListSessions;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.MetricsReport;
import io.baton.pipe.Message.Neighbours;
import io.baton.pipe.Message.Offended;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Recounted;
import io.baton.pipe.Message.Redirect;
import io.baton.pipe.Message.Redirected;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.SessionDescribed;
import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.Message.SessionsListed;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Message.Unsaved;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The types of messages, each with its code, its writer and its reader. A message's bytes are its
 * type's code as a u8, then the fields that are listed at the type.
 *
 * <p>Numbers are little-endian: u8, u16, u32 unsigned, i32, i64 signed. <em>bytes</em> are a u16
 * length and as many bytes; a <em>text</em> is bytes of UTF-8, at most {@value
 * FieldWriter#MAX_TEXT_BYTES} of them; of a reason {@value Message#MAX_REASON_BYTES}, of a protocol
 * {@value Message#MAX_PROTOCOL_BYTES}. A <em>peer</em> and a <em>key</em> are as in {@link
 * PeerCodec}.
 *
 * <p>Codes below {@value #FIRST_OF_WORKER} are for what the manager says, the others for what
 * workers say; only a handoff goes both ways. Whoever changes any bytes raises {@link
 * Message#VERSION}.
 */
enum MessageType {
  // From the manager.

  /**
   * {@code i32 version, i64 worker, i32 slot, i32 generation, u8 n, n x u8 kind of descriptor (1
   * CONFIG)}. The version is the first field in every version.
   */
  HELLO(
      1,
      Hello.class,
      (m, to) -> {
        to.i32(m.version()).i64(m.worker()).i32(m.slot()).i32(m.generation());
        DescriptorKind.write(m.descriptors(), to);
      },
      from ->
          new Hello(
              readVersion(from), from.i64(), from.i32(), from.i32(), DescriptorKind.read(from))),

  /**
   * {@code i64 id, u16 listener, peer, u8 via (0 or 1), peer if 1}, and its kind as in {@link
   * HandoffKindCodec}.
   */
  HANDOFF(
      2,
      Handoff.class,
      (m, to) -> {
        to.i64(m.id()).u16(m.listener());
        PeerCodec.write(m.peer(), to);
        PeerCodec.writeOrNone(m.via(), to);
        HandoffKindCodec.write(m.kind(), to);
      },
      from ->
          new Handoff(
              from.i64(),
              from.u16(),
              PeerCodec.read(from),
              PeerCodec.readOrNone(from),
              HandoffKindCodec.read(from))),

  /** {@code i64 number}. */
  PING(3, Ping.class, (m, to) -> to.i64(m.number()), from -> new Ping(from.i64())),

  /** {@code i32 milliseconds}. */
  DRAIN(4, Drain.class, (m, to) -> to.i32(m.timeoutMs()), from -> new Drain(from.i32())),

  /** {@code i32 milliseconds}. */
  REDIRECT(10, Redirect.class, (m, to) -> to.i32(m.timeoutMs()), from -> new Redirect(from.i32())),

  /** {@code i64 total, u8 first: 0 the idlest, 1 the liveliest, 2 varied}. */
  ALLOW_MIGRATIONS(
      5,
      AllowMigrations.class,
      (m, to) -> to.i64(m.total()).u8(m.first().code),
      from ->
          new AllowMigrations(
              from.count64(), from.oneOf(First.values(), c -> c.code, "order of connections"))),

  /** A form as in {@link SavedForm#write}. */
  FORM_IN_USE(
      6,
      FormInUse.class,
      (m, to) -> m.form().write(to),
      from -> new FormInUse(SavedForm.read(from))),

  /** {@code i64 request}, a name as in {@link SessionRef#write}, {@code u8 end (0 or 1)}. */
  DESCRIBE_SESSION(
      7,
      DescribeSession.class,
      (m, to) -> {
        SessionRef.write(m.session(), to.i64(m.request()));
        to.flag(m.end());
      },
      from -> new DescribeSession(from.i64(), SessionRef.read(from), from.flag())),

  /** {@code i64 request}, a filter as in {@link SessionFilter#write}, {@code i64 after}. */
  LIST_SESSIONS(
      8,
      ListSessions.class,
      (m, to) -> {
        m.filter().write(to.i64(m.request()));
        to.i64(m.after());
      },
      from -> new ListSessions(from.i64(), SessionFilter.read(from), from.i64())),

  /** {@code u8 n, n x neighbour} as in {@link Neighbour#write}, {@code u8 complete (0 or 1)}. */
  NEIGHBOURS(
      9,
      Neighbours.class,
      (m, to) -> {
        Neighbour.write(m.neighbours(), to);
        to.flag(m.complete());
      },
      from -> new Neighbours(Neighbour.read(from), from.flag())),

  // From a worker.

  /** A form as in {@link SavedForm#write}. */
  READY(65, Ready.class, (m, to) -> m.reads().write(to), from -> new Ready(SavedForm.read(from))),

  /** {@code text reason}. */
  FAILED(66, Failed.class, (m, to) -> to.text(m.reason()), from -> new Failed(from.text())),

  /** {@code i64 id}. */
  TAKEN(67, Taken.class, (m, to) -> to.i64(m.id()), from -> new Taken(from.i64())),

  /**
   * {@code i64 id, u8 why: 1 no descriptors, 2 draining, 3 unusable, 4 unreadable, 5 not here, 6
   * not yet, text reason}.
   */
  REFUSED(
      68,
      Refused.class,
      (m, to) -> to.i64(m.id()).u8(m.why().code).text(m.reason(), Message.MAX_REASON_BYTES),
      from ->
          new Refused(
              from.i64(),
              from.oneOf(Refusal.values(), c -> c.code, "refusal"),
              from.text(Message.MAX_REASON_BYTES))),

  /** {@code i64 number}. */
  PONG(69, Pong.class, (m, to) -> to.i64(m.number()), from -> new Pong(from.i64())),

  /** The numbers of {@link LoadCodec}. */
  LOAD_REPORT(
      70,
      LoadReport.class,
      (m, to) -> LoadCodec.write(m.load(), to),
      from -> new LoadReport(LoadCodec.read(from))),

  /** {@code bytes histogram}. */
  LATENCY(
      71,
      Latency.class,
      (m, to) -> to.shortBytes(m.histogram()),
      from -> new Latency(from.shortBytes())),

  /** {@code u16 listener, key, i32 count}. */
  DEPARTED(
      72,
      Departed.class,
      (m, to) -> writeCount(m.listener(), m.peer(), m.count(), to),
      from -> new Departed(from.u16(), PeerCodec.readKey(from), readCount(from))),

  /** {@code u16 listener, key, i32 count}; the key is never none. */
  OFFENDED(
      73,
      Offended.class,
      (m, to) -> writeCount(m.listener(), m.peer(), m.count(), to),
      from -> new Offended(from.u16(), readOffender(from), readCount(from))),

  /** {@code text reason}. */
  EXHAUSTED(
      74, Exhausted.class, (m, to) -> to.text(m.reason()), from -> new Exhausted(from.text())),

  /** {@code i64 id, u16 listener, text protocol, text reason}. */
  UNSAVED(
      76,
      Unsaved.class,
      (m, to) ->
          to.i64(m.id())
              .u16(m.listener())
              .text(m.protocol(), Message.MAX_PROTOCOL_BYTES)
              .text(m.reason(), Message.MAX_REASON_BYTES),
      from ->
          new Unsaved(
              from.i64(),
              from.u16(),
              from.text(Message.MAX_PROTOCOL_BYTES),
              from.text(Message.MAX_REASON_BYTES))),

  /** {@code text what}. */
  HELD(77, Held.class, (m, to) -> to.text(m.what()), from -> new Held(from.text())),

  /**
   * {@code u8 change: 0 lost, 1 away ended, 2 admitted, 3 away arrived; u16 listener, key, i32
   * count}.
   */
  RECOUNTED(
      78,
      Recounted.class,
      (m, to) -> writeCount(m.listener(), m.peer(), m.count(), to.u8(m.change().code)),
      from -> readRecounted(from)),

  /** The fields of {@link SessionReportCodec}. */
  SESSION_REPORT(79, SessionReport.class, SessionReportCodec::write, SessionReportCodec::read),

  /** {@code i64 request}, and the fields of {@link SessionDescriptionCodec}. */
  SESSION_DESCRIBED(
      80,
      SessionDescribed.class,
      (m, to) -> SessionDescriptionCodec.write(m.session(), to.i64(m.request())),
      from -> new SessionDescribed(from.i64(), SessionDescriptionCodec.read(from))),

  /** The entries of {@link MetricsReportCodec}. */
  METRICS_REPORT(81, MetricsReport.class, MetricsReportCodec::write, MetricsReportCodec::read),

  /** {@code i64 request}, a list as in {@link ListedSession#write}, {@code i32 matching}. */
  SESSIONS_LISTED(
      82,
      SessionsListed.class,
      (m, to) -> {
        ListedSession.write(m.sessions(), to.i64(m.request()));
        to.i32(m.matching());
      },
      from -> new SessionsListed(from.i64(), ListedSession.read(from), from.count32())),

  /** No fields. */
  JOINED(83, Joined.class, (_, _) -> {}, _ -> new Joined()),

  /** {@code i64 taken, i64 ended, i64 lost}. */
  REDIRECTED(
      84,
      Redirected.class,
      (m, to) -> to.i64(m.taken()).i64(m.ended()).i64(m.lost()),
      from -> new Redirected(from.count64(), from.count64(), from.count64()));

  /** The lowest code of what workers say. */
  static final int FIRST_OF_WORKER = 64;

  private static final MessageTable<Message> TABLE =
      new MessageTable<>(Arrays.stream(values()).map(type -> type.entry).toList());

  @SuppressWarnings("ImmutableEnumChecker") // it has no state
  final MessageTable.Entry<? extends Message> entry;

  <M extends Message> MessageType(
      int code, Class<M> record, MessageTable.Writer<M> writer, MessageTable.Reader<M> reader) {
    this.entry = new MessageTable.Entry<>(code, record, writer, reader);
  }

  /** Writes a message of any type. */
  static void write(Message message, FieldWriter to) {
    TABLE.write(message, to);
  }

  /** Reads a message of any type. */
  static Message read(FieldReader from) throws MalformedMessageException {
    return TABLE.read(from);
  }

  /** Nothing that follows is read of another version: it may look different there. */
  private static int readVersion(FieldReader from) throws MalformedMessageException {
    int version = from.i32();
    if (version != Message.VERSION) {
      throw new MalformedMessageException(
          "a Hello in version %d of the pipe's messages, not in version %d: are there jars of two"
                  .formatted(version, Message.VERSION)
              + " builds in lib/?");
    }
    return version;
  }

  /** Writes how often something happened with a listener's peer, or with any of them. */
  private static void writeCount(int listener, @Nullable PeerKey peer, int count, FieldWriter to) {
    PeerCodec.writeKey(peer, to.u16(listener));
    to.i32(count);
  }

  private static int readCount(FieldReader from) throws MalformedMessageException {
    int count = from.i32();
    if (count < 1) {
      throw new MalformedMessageException("a count of " + count);
    }
    return count;
  }

  private static Recounted readRecounted(FieldReader from) throws MalformedMessageException {
    Change change = from.oneOf(Change.values(), c -> c.code, "change of what counts");
    return new Recounted(from.u16(), PeerCodec.readKey(from), change, readCount(from));
  }

  private static PeerKey readOffender(FieldReader from) throws MalformedMessageException {
    PeerKey peer = PeerCodec.readKey(from);
    if (peer == null) {
      throw new MalformedMessageException("an offence without its peer");
    }
    return peer;
  }
}
