package io.baton.pipe;

import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Latency;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Messages of every kind, with values at the edges of their fields. */
final class Samples {
  private static final SessionDescription OPEN =
      new SessionDescription(
          "web",
          "/chat",
          new Peer.Vsock(2, 3),
          new Peer.Unix(1, 2),
          "",
          SessionDescription.State.OPEN,
          7,
          -1,
          8,
          9,
          10,
          List.of());

  private static HandoffKind.Saved saved(int bytes) {
    return HandoffKind.saved("/chat", ByteBuffer.allocate(bytes).asReadOnlyBuffer());
  }

  private static HandoffKind.Unserved unserved(int bytes) {
    ByteBuffer state = ByteBuffer.allocate(bytes).asReadOnlyBuffer();
    return new HandoffKind.Unserved(
        new SessionKey(0x0100_0000_0000_0000L, -1),
        HandoffKind.Search.ASK,
        new HandoffKind.State.Inline(state));
  }

  /** With the longest peers that there are. */
  private static List<HandoffKind.Companion> companions(int count) {
    Peer longest = new Peer.VsockUnix(Path.of("/" + "v".repeat(106)), -1, -1);
    return Collections.nCopies(count, new HandoffKind.Companion(-1, longest, longest));
  }

  static final List<Message> ALL =
      List.of(
          new Hello(
              Message.VERSION,
              Long.MAX_VALUE,
              255,
              Integer.MAX_VALUE,
              List.of(DescriptorKind.CONFIG)),
          new Hello(Message.VERSION, -1, -1, -1, List.of()),
          new Handoff(
              1, 0, new Peer.Tcp(InetAddress.ofLiteral("127.0.0.1"), 65_535), HandoffKind.FRESH),
          new Handoff(
              -1,
              65_535,
              new Peer.Tcp(InetAddress.ofLiteral("2001:db8::1"), 0),
              HandoffKind.BEYOND_LIMIT),
          new Handoff(2, 1, new Peer.Unix(12_345, -1), HandoffKind.BEYOND_LIMIT),
          new Handoff(3, 1, new Peer.Unix(1, 2), new Peer.Unix(3, 4), saved(7)),
          new Handoff(4, 1, new Peer.Unix(1, 2), saved(0)),
          new Handoff(5, 1, new Peer.Unix(1, 2), saved(Message.MAX_INLINE_STATE).returning()),
          new Handoff(6, 1, new Peer.Unix(1, 2), HandoffKind.savedAside("")),
          new Handoff(7, 1, new Peer.Unix(1, 2), HandoffKind.savedAside("/chat").returning()),
          new Handoff(10, 1, new Peer.Unix(1, 2), HandoffKind.savedAside("").with(companions(14))),
          new Handoff(
              11, 1, new Peer.Unix(1, 2), saved(Message.MAX_INLINE_STATE).with(companions(14))),
          new Handoff(9, 1, new Peer.Unix(1, 2), saved(7).under(new SessionKey(-1, 0), false)),
          new Handoff(
              10,
              1,
              new Peer.Unix(1, 2),
              HandoffKind.savedAside("/chat")
                  .under(new SessionKey(Long.MIN_VALUE, Long.MAX_VALUE), false)
                  .returning()),
          new Handoff(11, 1, new Peer.Unix(1, 2), new Peer.Unix(3, 4), unserved(7)),
          new Handoff(
              12,
              1,
              new Peer.Unix(1, 2),
              unserved(Message.MAX_INLINE_STATE).after(HandoffKind.Search.NOWHERE)),
          new Handoff(
              13,
              1,
              new Peer.Unix(1, 2),
              new HandoffKind.Unserved(
                  new SessionKey(0, 0),
                  HandoffKind.Search.UNANSWERED,
                  new HandoffKind.State.Aside())),
          new Handoff(
              14,
              1,
              new Peer.Unix(1, 2),
              new HandoffKind.Unserved(
                  new SessionKey(1, 2),
                  HandoffKind.Search.ASK,
                  new HandoffKind.State.Aside(),
                  true)),
          new Message.AllowMigrations(1_000, Message.First.IDLEST),
          new Message.AllowMigrations(0, Message.First.LIVELIEST),
          new Handoff(3, 2, new Peer.Vsock(0xFFFF_FFFFL, 0xFFFF_FFFEL), HandoffKind.FRESH),
          new Handoff(
              8, 3, new Peer.VsockUnix(Path.of("/" + "v".repeat(106)), 1, -1), HandoffKind.FRESH),
          new Ping(Long.MIN_VALUE),
          new Drain(30_000),
          new Message.FormInUse(new SavedForm(255, Set.of(1, 65_535))),
          new Message.Neighbours(List.of(), true),
          new Message.Neighbours(
              Collections.nCopies(
                  Message.MAX_NEIGHBOURS, new Neighbour(Long.MAX_VALUE, 255, Integer.MAX_VALUE)),
              false),
          new Message.Joined(),
          new Message.Redirect(30_000),
          new Message.Redirected(512, 31, 2),
          new Ready(new SavedForm(1, Set.of(1, 2, 16, 17, 18))),
          new Failed(""),
          new Failed("module hello: was soll's 🙂"),
          new Taken(0x0102_0304_0506_0708L),
          new Refused(1, Refusal.NO_DESCRIPTORS, ""),
          new Refused(2, Refusal.DRAINING, ""),
          new Refused(4, Refusal.NOT_HERE, ""),
          new Refused(5, Refusal.NOT_YET, ""),
          new Refused(3, Refusal.UNUSABLE, "java.lang.IllegalStateException: no"),
          new Message.Unsaved(Long.MAX_VALUE, 65_535, "/chat", "save() threw"),
          new Message.Held("web, answer pending for 52 s"),
          new Message.AllowMigrations(1, Message.First.VARIED),
          new Pong(0),
          new LoadReport(Load.NONE),
          new LoadReport(
              new Load(
                  1,
                  2,
                  1000,
                  4,
                  5,
                  6,
                  7,
                  8,
                  new Load.Counters(
                      9,
                      10,
                      11,
                      12,
                      13,
                      14,
                      Long.MAX_VALUE,
                      15,
                      16,
                      26,
                      27,
                      31,
                      new Load.Shed(17, 18, 19, 20),
                      new Load.Handshakes(32, 33, 34),
                      new Load.Returns(35, 36, 60, 37, 38, 39, 40),
                      new Load.Authentications(51, 52, 53, 54, 55, 56, 57, 58, 59),
                      new Refusals(new TreeMap<>(Map.of("A", 61L, "B".repeat(32), 0L))),
                      62),
                  new Load.Memory(21, 22, 23, 24, 25),
                  new Load.Callbacks(28, 29, 30),
                  new Load.Mesh(
                      Integer.MAX_VALUE,
                      63,
                      64,
                      65,
                      Long.MAX_VALUE,
                      new Load.Broker(
                          Load.BrokerState.DOWN, Integer.MAX_VALUE, 66, 67, Long.MAX_VALUE)))),
          new Message.Exhausted("no direct memory"),
          new Message.Offended(65_535, new PeerKey(PeerKey.Kind.UNIX, 0), 1),
          new Message.Offended(
              0, new PeerKey(PeerKey.Kind.TCP6, Long.MAX_VALUE), Integer.MAX_VALUE),
          new Departed(65_535, null, Integer.MAX_VALUE),
          new Departed(0, new PeerKey(PeerKey.Kind.TCP4, 0xFFFF_FFFFL), 1),
          new Departed(1, new PeerKey(PeerKey.Kind.TCP6, Long.MIN_VALUE), 2),
          new Departed(2, new PeerKey(PeerKey.Kind.UNIX, 0xFFFF_FFFFL), 3),
          new Departed(3, new PeerKey(PeerKey.Kind.VSOCK, 0), 4),
          new Message.Recounted(1, null, Message.Change.LOST, 2),
          new Message.Recounted(1, null, Message.Change.AWAY_ARRIVED, 2),
          new Message.Recounted(65_535, null, Message.Change.AWAY_ENDED, Integer.MAX_VALUE),
          new Message.Recounted(0, new PeerKey(PeerKey.Kind.TCP4, 1), Message.Change.ADMITTED, 1),
          Message.SessionReport.NONE,
          new Message.SessionReport(
              List.of(
                  new ServiceSessions(0, "", new SessionCounts(1, 1, 0, 2, 3)),
                  new ServiceSessions(
                      65_535,
                      "/chat é",
                      new SessionCounts(
                          0xFFFF_FFFFL, 0xFFFF_FFFFL, Long.MAX_VALUE, 0xFFFF_FFFFL, 0xFFFF_FFFFL))),
              new SessionCounts(0xFFFF_FFFEL, 0, 7, 0, 0)),
          new Message.DescribeSession(1, new SessionKey(-1, Long.MAX_VALUE)),
          new Message.DescribeSession(2, new SessionRef.ById(Long.MIN_VALUE), true),
          new Message.ListSessions(3, SessionFilter.ALL, 0),
          new Message.ListSessions(
              Long.MIN_VALUE,
              new SessionFilter("web", "10.0.0.0/8", "é", SessionDescription.State.ENDING, -1),
              Long.MAX_VALUE),
          new Message.SessionsListed(4, List.of(), 0),
          new Message.SessionsListed(
              5,
              List.of(
                  new ListedSession(1, null, 0, OPEN),
                  new ListedSession(
                      Long.MIN_VALUE, new SessionKey(-1, Long.MAX_VALUE), Long.MAX_VALUE, OPEN)),
              Integer.MAX_VALUE),
          new Message.SessionDescribed(Long.MAX_VALUE, null),
          new Message.SessionDescribed(
              2,
              new SessionDescription(
                  "",
                  "",
                  new Peer.Unix(1, -1),
                  null,
                  "",
                  SessionDescription.State.MOVING,
                  0,
                  -1,
                  0,
                  0,
                  0,
                  List.of())),
          new Message.SessionDescribed(
              3,
              new SessionDescription(
                  "link",
                  "chat é",
                  new Peer.VsockUnix(Path.of("/v"), 1, -1),
                  new Peer.Vsock(2, 3),
                  "alice",
                  SessionDescription.State.AWAY,
                  1,
                  Long.MAX_VALUE,
                  Long.MAX_VALUE,
                  2,
                  Integer.MAX_VALUE,
                  List.of(
                      new SessionDescription.Detail("", ""),
                      new SessionDescription.Detail("stream 4", "incoming")))),
          new Message.MetricsReport(List.of()),
          new Message.MetricsReport(
              List.of(
                  new MetricEntry.Metric(OwnMetrics.REQUESTS),
                  new MetricEntry.Series(65_535, List.of("é", "")),
                  new MetricEntry.Series(0, List.of()),
                  new MetricEntry.Count(65_535, Long.MAX_VALUE),
                  new MetricEntry.Amount(0, -Double.MIN_VALUE),
                  new MetricEntry.Durations(
                      1,
                      Long.MAX_VALUE,
                      Collections.nCopies(HistogramBuckets.COUNT, Long.MAX_VALUE)))),
          new Latency(ByteBuffer.allocate(0)),
          new Latency(ByteBuffer.wrap(new byte[] {1, 2, 3})));

  private Samples() {}
}
