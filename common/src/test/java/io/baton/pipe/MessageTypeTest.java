package io.baton.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.HandoffKind.Companion;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.ToManager;
import io.baton.pipe.Message.ToWorker;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MessageTypeTest {
  private static final SessionDescription LISTED =
      new SessionDescription(
          "l",
          "",
          new Peer.Vsock(9, 10),
          null,
          "",
          SessionDescription.State.OPEN,
          1,
          -1,
          3,
          4,
          6,
          List.of());

  private static final String LISTED_BYTES =
      " 01 0100 6c 0000 03 09000000 0a000000 00 0000 00 0100000000000000 ffffffffffffffff"
          + " 0300000000000000 0400000000000000 06000000 00";

  /** The bytes in hexadecimal, a space before each field, exactly as {@link MessageType} says. */
  private static final Map<Message, String> BYTES =
      Map.ofEntries(
          Map.entry(
              new Message.Hello(
                  21, 2, 3, 4, List.of(DescriptorKind.CONFIG, DescriptorKind.SECRETS)),
              "01 15000000 0200000000000000 03000000 04000000 02 01 03"),
          Map.entry(
              new Handoff(
                  5, 6, new Peer.Tcp(InetAddress.ofLiteral("192.0.2.1"), 80), HandoffKind.FRESH),
              "02 0500000000000000 0600 01 04 c0000201 5000 00 00"),
          Map.entry(
              new Handoff(
                  5, 6, new Peer.Tcp(InetAddress.ofLiteral("2001:db8::1"), 80), HandoffKind.FRESH),
              "02 0500000000000000 0600 01 10 20010db8000000000000000000000001 5000 00 00"),
          Map.entry(
              new Handoff(5, 6, new Peer.Unix(7, 8), HandoffKind.BEYOND_LIMIT),
              "02 0500000000000000 0600 02 07000000 08000000 00 01"),
          Map.entry(
              new Handoff(5, 6, new Peer.Unix(7, 8), new Peer.Vsock(9, 10), HandoffKind.FRESH),
              "02 0500000000000000 0600 02 07000000 08000000 01 03 09000000 0a000000 00"),
          Map.entry(
              new Handoff(
                  5,
                  6,
                  new Peer.Vsock(0xFFFF_FFFFL, 9),
                  HandoffKind.saved("p", ByteBuffer.wrap(new byte[] {1, 2}))),
              "02 0500000000000000 0600 03 ffffffff 09000000 00"
                  + " 02 00 0100 70 00 00 00 00 02000000 0102"),
          Map.entry(
              new Handoff(
                  5,
                  6,
                  new Peer.VsockUnix(Path.of("/v"), 7, 8),
                  HandoffKind.savedAside("p").returning()),
              "02 0500000000000000 0600 04 0200 2f76 07000000 08000000 00 02 01 0100 70 00 00 00 01"),
          Map.entry(
              new Handoff(
                  5,
                  6,
                  new Peer.Unix(7, 8),
                  HandoffKind.savedAside("p")
                      .under(new SessionKey(0x0102_0304_0506_0708L, 9), false)),
              "02 0500000000000000 0600 02 07000000 08000000 00 02 00 0100 70 01"
                  + " 0807060504030201 0900000000000000 00 00 01"),
          Map.entry(
              new Handoff(
                  5,
                  6,
                  new Peer.Unix(7, 8),
                  HandoffKind.savedAside("p")
                      .with(
                          List.of(
                              new Companion(9, new Peer.Unix(10, 11), null),
                              new Companion(12, new Peer.Vsock(3, 4), new Peer.Unix(1, 2))))),
              "02 0500000000000000 0600 02 07000000 08000000 00 02 00 0100 70 00 00 02"
                  + " 0900000000000000 02 0a000000 0b000000 00"
                  + " 0c00000000000000 03 03000000 04000000 01 02 01000000 02000000 01"),
          Map.entry(
              new Handoff(5, 6, new Peer.Unix(7, 8), unserved(HandoffKind.Search.ASK)),
              "02 0500000000000000 0600 02 07000000 08000000 00 03"
                  + " 0807060504030201 0900000000000000 00 00 00 02000000 0102"),
          Map.entry(
              new Handoff(5, 6, new Peer.Unix(7, 8), unserved(HandoffKind.Search.NOWHERE)),
              "02 0500000000000000 0600 02 07000000 08000000 00 03"
                  + " 0807060504030201 0900000000000000 01 00 00 02000000 0102"),
          Map.entry(
              new Handoff(
                  5,
                  6,
                  new Peer.Unix(7, 8),
                  new HandoffKind.Unserved(
                      new SessionKey(0x0102_0304_0506_0708L, 9),
                      HandoffKind.Search.UNANSWERED,
                      new HandoffKind.State.Aside(),
                      true)),
              "02 0500000000000000 0600 02 07000000 08000000 00 03"
                  + " 0807060504030201 0900000000000000 02 01 01"),
          Map.entry(new Message.Ping(1), "03 0100000000000000"),
          Map.entry(
              new Message.MetricsReport(
                  List.of(
                      new MetricEntry.Metric(
                          new MetricDefinition(MetricType.GAUGE, "m", "h", List.of("a", "b"))),
                      new MetricEntry.Series(2, List.of("x", "")),
                      new MetricEntry.Count(3, 4),
                      new MetricEntry.Amount(5, 1.5),
                      new MetricEntry.Durations(
                          6, 7, Collections.nCopies(HistogramBuckets.COUNT, 8L)))),
              "51 05 01 02 0100 6d 0100 68 02 0100 61 0100 62 02 0200 02 0100 78 0000"
                  + " 03 0300 0400000000000000 04 0500 000000000000f83f"
                  + " 05 0600 0700000000000000"
                  + " 0800000000000000".repeat(17)),
          Map.entry(new Message.Drain(30_000), "04 30750000"),
          Map.entry(new Message.AllowMigrations(1, Message.First.IDLEST), "05 0100000000000000 00"),
          Map.entry(
              new Message.AllowMigrations(1, Message.First.LIVELIEST), "05 0100000000000000 01"),
          Map.entry(new Message.AllowMigrations(1, Message.First.VARIED), "05 0100000000000000 02"),
          Map.entry(new Message.FormInUse(new SavedForm(2, Set.of(18, 1))), "06 02 0200 0100 1200"),
          Map.entry(
              new Message.Neighbours(List.of(new Neighbour(1, 2, 3), new Neighbour(4, 5, 6)), true),
              "09 02 0100000000000000 02000000 03000000 0400000000000000 05000000 06000000 01"),
          Map.entry(new Message.Joined(), "53"),
          Map.entry(new Message.Redirect(30_000), "0a 30750000"),
          Map.entry(
              new Message.Redirected(1, 2, 3),
              "54 0100000000000000 0200000000000000 0300000000000000"),
          Map.entry(new Message.Ready(new SavedForm(1, Set.of())), "41 01 0000"),
          Map.entry(new Message.Failed("no"), "42 0200 6e6f"),
          Map.entry(new Message.Taken(1), "43 0100000000000000"),
          Map.entry(
              new Message.Refused(1, Refusal.NO_DESCRIPTORS, "no"),
              "44 0100000000000000 01 0200 6e6f"),
          Map.entry(new Message.Refused(1, Refusal.DRAINING, ""), "44 0100000000000000 02 0000"),
          Map.entry(new Message.Refused(1, Refusal.UNUSABLE, ""), "44 0100000000000000 03 0000"),
          Map.entry(new Message.Refused(1, Refusal.UNREADABLE, ""), "44 0100000000000000 04 0000"),
          Map.entry(new Message.Refused(1, Refusal.NOT_HERE, ""), "44 0100000000000000 05 0000"),
          Map.entry(new Message.Refused(1, Refusal.NOT_YET, ""), "44 0100000000000000 06 0000"),
          Map.entry(new Message.Pong(1), "45 0100000000000000"),
          Map.entry(
              new Message.LoadReport(
                  new Load(
                      1,
                      2,
                      3,
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
                          15,
                          16,
                          17,
                          18,
                          19,
                          20,
                          new Load.Shed(21, 22, 23, 24),
                          new Load.Handshakes(25, 26, 27),
                          new Load.Returns(28, 29, 30, 31, 32, 33, 34),
                          new Load.Authentications(35, 36, 37, 38, 39, 40, 41, 42, 43),
                          new Refusals(new TreeMap<>(Map.of("IDLE", 44L, "BYE", 45L))),
                          54),
                      new Load.Memory(46, 47, 48, 49, 50),
                      new Load.Callbacks(51, 52, 53),
                      new Load.Mesh(
                          55,
                          56,
                          57,
                          58,
                          59,
                          new Load.Broker(Load.BrokerState.UP, 60, 61, 62, 63)))),
              "46 01000000 02000000 03000000 04000000"
                  + i64s(5, 43)
                  + " 02 0300 425945 2d00000000000000 0400 49444c45 2c00000000000000"
                  + i64s(54, 54)
                  + i64s(46, 53)
                  + " 37000000"
                  + i64s(56, 59)
                  + " 02 3c000000"
                  + i64s(61, 63)),
          Map.entry(new Message.Latency(ByteBuffer.wrap(new byte[] {1, 2, 3})), "47 0300 010203"),
          Map.entry(new Departed(1, null, 2), "48 0100 00 02000000"),
          Map.entry(
              new Departed(1, new PeerKey(PeerKey.Kind.TCP4, 0xC000_0201L), 2),
              "48 0100 01 010200c0 02000000"),
          Map.entry(
              new Departed(1, new PeerKey(PeerKey.Kind.TCP6, 0x2001_0DB8_0000_0001L), 2),
              "48 0100 02 01000000b80d0120 02000000"),
          Map.entry(
              new Departed(1, new PeerKey(PeerKey.Kind.UNIX, 1_000), 2),
              "48 0100 03 e8030000 02000000"),
          Map.entry(
              new Departed(1, new PeerKey(PeerKey.Kind.VSOCK, 3), 2),
              "48 0100 04 03000000 02000000"),
          Map.entry(
              new Message.Offended(1, new PeerKey(PeerKey.Kind.VSOCK, 3), 2),
              "49 0100 04 03000000 02000000"),
          Map.entry(new Message.Exhausted("no"), "4a 0200 6e6f"),
          Map.entry(
              new Message.Unsaved(1, 2, "p", "no"), "4c 0100000000000000 0200 0100 70 0200 6e6f"),
          Map.entry(new Message.Held("no"), "4d 0200 6e6f"),
          Map.entry(
              new Message.Recounted(1, null, Message.Change.LOST, 2), "4e 00 0100 00 02000000"),
          Map.entry(
              new Message.Recounted(1, null, Message.Change.AWAY_ARRIVED, 2),
              "4e 03 0100 00 02000000"),
          Map.entry(
              new Message.Recounted(1, null, Message.Change.AWAY_ENDED, 2),
              "4e 01 0100 00 02000000"),
          Map.entry(
              new Message.Recounted(
                  1, new PeerKey(PeerKey.Kind.VSOCK, 3), Message.Change.ADMITTED, 2),
              "4e 02 0100 04 03000000 02000000"),
          Map.entry(
              new Message.SessionReport(
                  List.of(
                      new ServiceSessions(1, "/é", new SessionCounts(5, 2, 3, 7, 8)),
                      new ServiceSessions(2, "", new SessionCounts(1, 0, 0, 0, 0))),
                  new SessionCounts(4, 4, 6, 9, 10)),
              "4f 02 0100 0300 2fc3a9 05000000 02000000 0300000000000000 07000000 08000000"
                  + " 0200 0000 01000000 00000000 0000000000000000 00000000 00000000"
                  + " 04000000 04000000 0600000000000000 09000000 0a000000"),
          Map.entry(
              new Message.DescribeSession(5, new SessionKey(0x0102_0304_0506_0708L, 9)),
              "07 0500000000000000 00 0807060504030201 0900000000000000 00"),
          Map.entry(
              new Message.DescribeSession(5, new SessionRef.ById(6), true),
              "07 0500000000000000 01 0600000000000000 0000000000000000 01"),
          Map.entry(
              new Message.ListSessions(5, SessionFilter.ALL, 6),
              "08 0500000000000000 0000 0000 0000 ff ffffffffffffff7f 0600000000000000"),
          Map.entry(
              new Message.ListSessions(
                  5, new SessionFilter("l", "cid 3", "a", SessionDescription.State.AWAY, 7), 6),
              "08 0500000000000000 0100 6c 0500 6369642033 0100 61 01 0700000000000000"
                  + " 0600000000000000"),
          Map.entry(
              new Message.SessionsListed(
                  5,
                  List.of(
                      new ListedSession(6, null, 7, LISTED),
                      new ListedSession(8, new SessionKey(9, 10), 11, LISTED)),
                  12),
              "52 0500000000000000 02 0600000000000000 00 0700000000000000"
                  + LISTED_BYTES
                  + " 0800000000000000 01 0900000000000000 0a00000000000000 0b00000000000000"
                  + LISTED_BYTES
                  + " 0c000000"),
          Map.entry(new Message.SessionDescribed(5, null), "50 0500000000000000 00"),
          Map.entry(
              new Message.SessionDescribed(
                  5,
                  new SessionDescription(
                      "l",
                      "é",
                      new Peer.Unix(7, 8),
                      new Peer.Vsock(9, 10),
                      "a",
                      SessionDescription.State.AWAY,
                      1,
                      2,
                      3,
                      4,
                      6,
                      List.of(new SessionDescription.Detail("n", "v")))),
              "50 0500000000000000 01 0100 6c 0200 c3a9 02 07000000 08000000"
                  + " 01 03 09000000 0a000000 0100 61 01 0100000000000000 0200000000000000"
                  + " 0300000000000000 0400000000000000 06000000 01 0100 6e 0100 76"));

  private static HandoffKind.Unserved unserved(HandoffKind.Search search) {
    return new HandoffKind.Unserved(
        new SessionKey(0x0102_0304_0506_0708L, 9),
        search,
        new HandoffKind.State.Inline(ByteBuffer.wrap(new byte[] {1, 2})));
  }

  private static String i64s(int first, int last) {
    StringBuilder hex = new StringBuilder();
    for (int i = first; i <= last; i++) {
      hex.append(" %02x00000000000000".formatted(i));
    }
    return hex.toString();
  }

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Stream<Class<?>> records(Class<?> sealed) {
    return Stream.of(sealed.getPermittedSubclasses())
        .flatMap(each -> each.isSealed() ? records(each) : Stream.of(each));
  }

  @Test
  void codesAreUniqueAndFitOneByte() {
    assertThat(MessageType.values()).extracting(type -> type.entry.code()).doesNotHaveDuplicates();
    assertThat(MessageType.values())
        .allMatch(type -> type.entry.code() > 0 && type.entry.code() < 256);
  }

  @Test
  void everyRecordHasExactlyOneType() {
    assertThat(
            Arrays.stream(MessageType.values()).<Class<?>>map(type -> type.entry.record()).toList())
        .containsExactlyInAnyOrderElementsOf(records(Message.class).collect(Collectors.toSet()));
  }

  @Test
  void aCodeTellsWhichSideSaysIt() {
    for (MessageType type : MessageType.values()) {
      Class<?> side =
          type.entry.code() < MessageType.FIRST_OF_WORKER ? ToWorker.class : ToManager.class;
      assertThat(side).as(type.name()).isAssignableFrom(type.entry.record());
    }
  }

  @Test
  void everyTypeHasTheBytesThatAreDocumented() throws Exception {
    for (Map.Entry<Message, String> each : BYTES.entrySet()) {
      ByteBuffer expected = bytes(each.getValue());
      ByteBuffer written = ByteBuffer.allocate(expected.limit()).order(ByteOrder.LITTLE_ENDIAN);
      MessageCodec.write(each.getKey(), written);
      assertThat(HexFormat.of().formatHex(written.array()))
          .as("%s", each.getKey())
          .isEqualTo(each.getValue().replace(" ", ""));
      assertThat(MessageCodec.read(expected)).isEqualTo(List.of(each.getKey()));
    }
    assertThat(BYTES.keySet().stream().map(Object::getClass).collect(Collectors.toSet()))
        .isEqualTo(records(Message.class).collect(Collectors.toSet()));
  }
}
