package io.baton.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.baton.pipe.Message.Failed;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import io.baton.service.metrics.MetricDefinition;
import io.baton.service.metrics.MetricType;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageCodecTest {

  private static final int MAX_SHORT = 400;

  static final List<Message> SAMPLES = Samples.ALL;

  @Test
  void thereIsASampleOfEveryMessage() {
    assertThat(SAMPLES.stream().map(Object::getClass).collect(Collectors.toSet()))
        .isEqualTo(messages(Message.class).collect(Collectors.toSet()));
  }

  @ParameterizedTest
  @FieldSource("SAMPLES")
  void everyMessageReadsAsItWasWritten(Message message) throws Exception {
    ByteBuffer bytes = written(message);
    assertThat(MessageCodec.read(bytes)).isEqualTo(List.of(message));
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @ParameterizedTest
  @FieldSource("SAMPLES")
  void everyTruncationOfEveryMessageIsMalformed(Message message) {
    ByteBuffer bytes = written(message);
    for (int length = 0; length < bytes.limit(); length++) {
      ByteBuffer truncated = bytes.slice(0, length).order(ByteOrder.LITTLE_ENDIAN);
      assertThatThrownBy(() -> MessageCodec.read(truncated))
          .isInstanceOf(MalformedMessageException.class)
          .hasMessage("a message that ends too early");
    }
  }

  @Test
  void aPacketHoldsAsManyMessagesAsFit() throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(3 * Message.MAX_PACKET).order(ByteOrder.LITTLE_ENDIAN);
    SAMPLES.forEach(message -> MessageCodec.write(message, bytes));
    assertThat(MessageCodec.read(bytes.flip())).isEqualTo(SAMPLES);
  }

  /** A batch of handoffs always fits, whatever their peers. */
  @Test
  void messagesWithoutByteStringsAreShort() {
    SAMPLES.stream()
        .filter(m -> !(m instanceof Failed || m instanceof Message.Latency || bringsItsState(m)))
        .filter(m -> !(m instanceof Message.LoadReport)) // of which a packet has one
        .forEach(m -> assertThat(written(m).limit()).isLessThanOrEqualTo(MAX_SHORT));
    assertThat(Message.MAX_HANDOFFS * MAX_SHORT).isLessThan(Message.MAX_PACKET);
  }

  private static boolean bringsItsState(Message message) {
    return message instanceof Message.Handoff handoff
        && switch (handoff.kind()) {
          case HandoffKind.Fresh _, HandoffKind.BeyondLimit _ -> false;
          case HandoffKind.Saved saved ->
              saved.state() instanceof HandoffKind.State.Inline || !saved.companions().isEmpty();
          case HandoffKind.Unserved unserved ->
              unserved.state() instanceof HandoffKind.State.Inline;
        };
  }

  @Test
  void everyMessageFitsAPacketOfItsOwn() {
    SAMPLES.forEach(m -> assertThat(written(m).limit()).isLessThanOrEqualTo(Message.MAX_PACKET));
  }

  @Test
  void moreCompanionsThanThereMayBeAreMalformed() {
    Message.Handoff most =
        new Message.Handoff(1, 0, new Peer.Unix(1, 2), companions(HandoffKind.MAX_COMPANIONS + 1));
    assertThatThrownBy(() -> MessageCodec.read(written(most)))
        .hasMessage("a session there with 15 companions");
    Message.Handoff away =
        new Message.Handoff(1, 0, new Peer.Unix(1, 2), companions(1).under(null, true));
    assertThatThrownBy(() -> MessageCodec.read(written(away)))
        .hasMessage("a session away with 1 companions");
  }

  private static HandoffKind.Saved companions(int count) {
    HandoffKind.Companion one = new HandoffKind.Companion(2, new Peer.Unix(1, 2), null);
    return HandoffKind.savedAside("").with(Collections.nCopies(count, one));
  }

  @Test
  void aMessageThatDoesNotFitIsOurOwnFault() {
    ByteBuffer small = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    assertThatThrownBy(() -> MessageCodec.write(new Message.Taken(1), small))
        .isInstanceOf(BufferOverflowException.class);
  }

  @ParameterizedTest
  @ValueSource(bytes = {0, 11, 64, 75, 127, -1, -128})
  void anUnknownTypeIsMalformed(byte type) {
    assertMalformed(
        "an unknown message type " + Byte.toUnsignedInt(type), type, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void aFieldWithAnImpossibleValueIsMalformed() {
    assertMalformed("an unknown kind of peer 5", 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5);
    assertMalformed("an offence without its peer", 73, 0, 0, 0, 1, 0, 0, 0);
    assertMalformed("an address of 5 bytes", 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5);
    assertMalformed("a count of -1", 5, 255, 255, 255, 255, 255, 255, 255, 255);
    assertMalformed("an unknown order of connections 3", 5, 0, 0, 0, 0, 0, 0, 0, 0, 3);
    assertMalformed("an unknown kind of peer's key 5", 72, 0, 0, 5);
    assertMalformed("a count of 0", 72, 0, 0, 0, 0, 0, 0, 0);
    assertMalformed("a count of -1", 72, 0, 0, 0, 255, 255, 255, 255);
    assertMalformed("an unknown refusal 0", 68, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assertMalformed("a text that is not UTF-8", 66, 1, 0, 0xC3);
  }

  @Test
  void aHandoffOfAnImpossibleKindIsMalformed() {
    int[] unserved = {
      3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 // its key
    };
    assertMalformedKind("an unknown kind of handoff 4", 4);
    assertMalformedKind("a flag of 2", 2, 2);
    assertMalformedKind("a flag of 2", 2, 0, 0, 0, 2);
    assertMalformedKind("a flag of 2", 2, 0, 0, 0, 0, 2);
    assertMalformedKind("an unknown place of a state 2", 2, 0, 0, 0, 0, 0, 0, 2);
    assertMalformedKind("a session there with 15 companions", 2, 0, 0, 0, 0, 0, 15);
    assertMalformedKind(
        "a message that ends too early", 2, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255);
    assertMalformedKind("a message that ends too early", 2, 0, 0, 0, 1, 0);
    assertMalformedKind("an unknown search 3", and(unserved, 3));
    assertMalformedKind("an unknown search 255", and(unserved, 255));
    assertMalformedKind("a flag of 2", and(unserved, 0, 2));
    assertMalformedKind("an unknown place of a state 2", and(unserved, 0, 0, 2));
    assertMalformedKind(
        "a message that ends too early", and(unserved, 0, 1, 0, 255, 255, 255, 255));
    assertMalformedKind("a message that ends too early", and(unserved));
  }

  private static void assertMalformedKind(String what, int... kind) {
    int[] toTheKind = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    assertMalformed(what, and(toTheKind, kind));
  }

  private static int[] and(int[] first, int... then) {
    return IntStream.concat(IntStream.of(first), IntStream.of(then)).toArray();
  }

  @Test
  void aHelloOfAnotherVersionIsMalformedWhateverFollows() {
    assertMalformed(
        "a Hello in version %d of the pipe's messages, not in version %d: are there jars of two"
                .formatted(Message.VERSION + 1, Message.VERSION)
            + " builds in lib/?",
        1,
        Message.VERSION + 1,
        0,
        0,
        0);
  }

  @Test
  void aHelloWithDescriptorsOfUnknownKindOrTwoOfAKindIsMalformed() {
    assertMalformedHello("an unknown kind of descriptor 4", 1, 4);
    assertMalformedHello("an unknown kind of descriptor 0", 2, 1, 0);
    assertMalformedHello("a second descriptor of kind CONFIG", 2, 1, 1);
    assertMalformedHello("a message that ends too early", 2, 1);
  }

  private static void assertMalformedHello(String what, int... descriptors) {
    ByteBuffer hello = written(new Message.Hello(Message.VERSION, 1, 2, 3, List.of()));
    int[] bytes = new int[hello.limit() - 1 + descriptors.length];
    for (int i = 0; i < hello.limit() - 1; i++) {
      bytes[i] = hello.get(i);
    }
    System.arraycopy(descriptors, 0, bytes, hello.limit() - 1, descriptors.length);
    assertMalformed(what, bytes);
  }

  @Test
  void aPacketOfTooManyMessagesIsMalformed() {
    ByteBuffer packet = buffer();
    for (int i = 0; i <= Message.MAX_MESSAGES; i++) {
      MessageCodec.write(new Message.Pong(1), packet);
    }
    assertThatThrownBy(() -> MessageCodec.read(packet.flip()))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("more than 1024 messages");
  }

  @Test
  void aLoadThatCannotBeIsMalformed() {
    for (Load load :
        List.of(
            new Load(
                0,
                0,
                0,
                -1,
                0,
                0,
                0,
                0,
                Load.Counters.NONE,
                Load.Memory.NONE,
                Load.Callbacks.NONE,
                Load.Mesh.NONE),
            new Load(
                0,
                0,
                1_001,
                0,
                0,
                0,
                0,
                0,
                Load.Counters.NONE,
                Load.Memory.NONE,
                Load.Callbacks.NONE,
                Load.Mesh.NONE),
            new Load(
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                new Load.Counters(
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    -1,
                    0,
                    Load.Shed.NONE,
                    Load.Handshakes.NONE,
                    Load.Returns.NONE,
                    Load.Authentications.NONE,
                    Refusals.NONE,
                    0),
                Load.Memory.NONE,
                Load.Callbacks.NONE,
                Load.Mesh.NONE),
            new Load(
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Load.Counters.NONE,
                new Load.Memory(0, 0, 0, 0, -1),
                Load.Callbacks.NONE,
                Load.Mesh.NONE),
            new Load(
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Load.Counters.NONE,
                Load.Memory.NONE,
                new Load.Callbacks(0, 0, -1),
                Load.Mesh.NONE),
            new Load(
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Load.Counters.NONE,
                Load.Memory.NONE,
                Load.Callbacks.NONE,
                new Load.Mesh(-1, 0, 0, 0, 0)),
            new Load(
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Load.Counters.NONE,
                Load.Memory.NONE,
                Load.Callbacks.NONE,
                Load.Mesh.NONE.with(new Load.Broker(Load.BrokerState.UP, 0, 0, -1, 0))))) {
      ByteBuffer packet = written(new Message.LoadReport(load));
      assertThatThrownBy(() -> MessageCodec.read(packet))
          .isInstanceOf(MalformedMessageException.class);
    }
  }

  @Test
  void aReasonIsCutBetweenCharactersAndNeverLonger() throws Exception {
    assertThat(MessageCodec.read(written(new Failed("é".repeat(999) + "xé"))))
        .isEqualTo(List.of(new Failed("é".repeat(999) + "x")));
    assertThat(MessageCodec.read(written(new Failed("x".repeat(100_000)))))
        .isEqualTo(List.of(new Failed("x".repeat(2000))));
    assertThat(MessageCodec.read(written(new Failed("half a \uD83D pair"))))
        .isEqualTo(List.of(new Failed("half a ? pair")));
    ByteBuffer longer = buffer().put((byte) 66).putShort((short) 2001).put(new byte[2001]).flip();
    assertThatThrownBy(() -> MessageCodec.read(longer)).hasMessage("a text of 2001 bytes");
  }

  @Test
  void aReasonOrProtocolIsReadNoLongerThanItIsWritten() throws Exception {
    Message.Unsaved unsaved = new Message.Unsaved(1, 2, "p".repeat(999), "r".repeat(999));
    assertThat(MessageCodec.read(written(unsaved)))
        .isEqualTo(List.of(new Message.Unsaved(1, 2, "p".repeat(255), "r".repeat(500))));
    ByteBuffer longer =
        buffer().put((byte) 76).putLong(1).putShort((short) 2).putShort((short) 256);
    longer.put(new byte[256]).putShort((short) 0).flip();
    assertThatThrownBy(() -> MessageCodec.read(longer)).hasMessage("a text of 256 bytes");
  }

  @Test
  void aReportOfAsManyServicesAsThereMayBeFitsAPacketWhateverTheirNames() throws Exception {
    Message report = report(Message.MAX_SERVICES, "n".repeat(Message.MAX_PROTOCOL_BYTES));
    assertThat(MessageCodec.read(written(report))).isEqualTo(List.of(report));
    Message longer = report(1, "n".repeat(Message.MAX_PROTOCOL_BYTES + 1));
    assertThat(MessageCodec.read(written(longer)))
        .isEqualTo(List.of(report(1, "n".repeat(Message.MAX_PROTOCOL_BYTES))));
    assertThatThrownBy(() -> written(report(Message.MAX_SERVICES + 1, "")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("121 services in a report");
  }

  private static Message.SessionReport report(int services, String name) {
    ServiceSessions one = new ServiceSessions(1, name, new SessionCounts(3, 2, 1, 0, 0));
    return new Message.SessionReport(Collections.nCopies(services, one), SessionCounts.NONE);
  }

  @Test
  void aSessionReportThatCannotBeIsMalformed() {
    assertMalformed("a report of 121 services", 79, 121);
    assertMalformed("a report of 255 services", 79, 255);
    assertMalformed("a text of 256 bytes", and(new int[] {79, 1, 0, 0, 0, 1}, new int[256]));
    assertMalformed(
        "a count of 2 away among 1 sessions",
        79,
        0,
        1,
        0,
        0,
        0,
        2,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0);
    assertMalformed(
        "a count of -1", and(and(new int[] {79, 0}, new int[8]), and(nothing(8), new int[8])));
    assertMalformed("a message that ends too early", 79, 1);
  }

  @Test
  void aMetricsReportOfAsManyEntriesAsThereMayBeFitsAPacketWhateverTheyAre() throws Exception {
    MetricDefinition longest =
        new MetricDefinition(
            MetricType.GAUGE,
            "n".repeat(MetricDefinition.MAX_NAME),
            "h".repeat(MetricDefinition.MAX_HELP_BYTES),
            Stream.of("a", "b", "c", "d", "e", "f")
                .map(label -> label.repeat(MetricDefinition.MAX_NAME))
                .toList());
    String value = "v".repeat(MetricDefinition.MAX_LABEL_BYTES);
    for (MetricEntry each :
        List.of(
            new MetricEntry.Metric(longest),
            new MetricEntry.Series(0, Collections.nCopies(MetricDefinition.MAX_LABELS, value)),
            new MetricEntry.Durations(0, 0, Collections.nCopies(HistogramBuckets.COUNT, 0L)))) {
      Message report = metrics(Message.MAX_METRIC_ENTRIES, each);
      assertThat(MessageCodec.read(written(report))).isEqualTo(List.of(report));
    }
    assertThatThrownBy(
            () -> written(metrics(Message.MAX_METRIC_ENTRIES + 1, new MetricEntry.Count(0, 0))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("37 entries in a metrics report");
  }

  private static Message.MetricsReport metrics(int entries, MetricEntry each) {
    return new Message.MetricsReport(Collections.nCopies(entries, each));
  }

  @Test
  void aMetricsReportThatCannotBeIsMalformed() {
    assertMalformed("a metrics report of 37 entries", 81, 37);
    assertMalformed("an unknown entry of a metrics report 6", 81, 1, 6);
    assertMalformed("an unknown type of a metric 4", 81, 1, 1, 4);
    assertMalformed("a text of 101 bytes", and(new int[] {81, 1, 1, 0, 101, 0}, new int[101]));
    assertMalformed(
        "metric name 'M': at most 100 lower-case letters, digits and underscores are allowed, a"
            + " letter first",
        81,
        1,
        1,
        0,
        1,
        0,
        'M',
        1,
        0,
        'h',
        0);
    assertMalformed("metric m has no help text", 81, 1, 1, 0, 1, 0, 'm', 0, 0, 0);
    assertMalformed("7 labels of a metric", 81, 1, 2, 0, 0, 7);
    assertMalformed("a count of -1", and(new int[] {81, 1, 3, 0, 0}, nothing(8)));
    assertMalformed("an amount of NaN", and(new int[] {81, 1, 4, 0, 0}, nothing(8)));
    assertMalformed(
        "a count of -1", and(and(new int[] {81, 1, 5, 0, 0}, new int[16 * 8]), nothing(8)));
    assertMalformed("a message that ends too early", 81, 1, 3, 0, 0);
  }

  @Test
  void aDescriptionOfTheGreatestSizeFitsAPacketAndWhatIsLongerIsCutOff() throws Exception {
    String longest = "n".repeat(1_999);
    Peer peer = new Peer.VsockUnix(Path.of("/" + longest), 1, 2);
    int details = SessionDescription.MAX_DETAILS;
    Message described = new Message.SessionDescribed(1, described(longest, peer, details));
    assertThat(MessageCodec.read(written(described)))
        .isEqualTo(
            List.of(
                new Message.SessionDescribed(
                    1,
                    new SessionDescription(
                        "n".repeat(255),
                        "n".repeat(255),
                        peer,
                        peer,
                        "n".repeat(256),
                        SessionDescription.State.OPEN,
                        1,
                        -1,
                        2,
                        1,
                        0,
                        Collections.nCopies(
                            details,
                            new SessionDescription.Detail("n".repeat(32), "n".repeat(160)))))));
    Message more = new Message.SessionDescribed(1, described("", peer, details + 1));
    assertThatThrownBy(() -> written(more))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("141 details of a session");
  }

  @Test
  void aListOfTheGreatestSizeFitsAPacket() throws Exception {
    Peer peer = new Peer.VsockUnix(Path.of("/" + "n".repeat(106)), 1, 2);
    SessionDescription longest = described("é".repeat(128), peer, 0);
    List<ListedSession> all =
        Collections.nCopies(
            Message.MAX_LISTED, new ListedSession(1, new SessionKey(2, 3), 4, longest));
    Message listed = new Message.SessionsListed(1, all, 100);
    assertThat(MessageCodec.read(written(listed)))
        .singleElement()
        .isInstanceOfSatisfying(
            Message.SessionsListed.class,
            read -> assertThat(read.sessions()).hasSize(Message.MAX_LISTED));
    Message more =
        new Message.SessionsListed(
            1,
            Collections.nCopies(
                Message.MAX_LISTED + 1, new ListedSession(1, null, 4, described("", peer, 0))),
            100);
    assertThatThrownBy(() -> written(more))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("33 sessions in a list");
  }

  @Test
  void aQuestionOrListOfSessionsThatCannotBeIsMalformed() {
    assertMalformed(
        "an unknown name of a session 2", and(and(and(new int[] {7}, new int[8]), 2), new int[17]));
    assertMalformed(
        "an unknown name of a session 1", and(and(and(new int[] {7}, new int[8]), 1), nothing(17)));
    assertMalformed(
        "an unknown state of a session 4",
        and(and(and(new int[] {8}, new int[14]), 4), new int[16]));
    assertMalformed("a list of 33 sessions", and(and(new int[] {82}, new int[8]), 33));
    assertMalformed(
        "a list with a session that is not there",
        and(and(and(new int[] {82}, new int[8]), 1), new int[18]));
    assertMalformed("a count of -1", and(and(new int[] {82}, new int[9]), nothing(4)));
  }

  private static SessionDescription described(String text, Peer peer, int details) {
    return new SessionDescription(
        text,
        text,
        peer,
        peer,
        text,
        SessionDescription.State.OPEN,
        1,
        -1,
        2,
        1,
        0,
        Collections.nCopies(details, new SessionDescription.Detail(text, text)));
  }

  @Test
  void aDescriptionThatCannotBeIsMalformed() {
    int[] toTheState = {
      80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    int[] toTheGrace = and(toTheState, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    int[] toTheDetails = and(and(toTheGrace, nothing(8)), new int[20]);
    assertMalformed("a flag of 2", 80, 0, 0, 0, 0, 0, 0, 0, 0, 2);
    assertMalformed("an unknown state of a session 4", and(toTheState, 4));
    assertMalformed("a grace of -2", and(and(toTheGrace, 254), nothing(7)));
    assertMalformed("a count of -1", and(and(toTheGrace, new int[8]), nothing(8)));
    assertMalformed("141 details of a session", and(toTheDetails, 141));
    assertMalformed("a text of 33 bytes", and(and(toTheDetails, 1, 33, 0), new int[33]));
    assertMalformed("a message that ends too early", and(toTheDetails, 1));
  }

  private static int[] nothing(int bytes) {
    int[] all = new int[bytes];
    Arrays.fill(all, 255);
    return all;
  }

  @Test
  void randomBytesAreMessagesOrMalformedAndNothingElse() {
    long seed = Seeds.one(MessageCodecTest.class);
    Random random = new Random(seed);
    int rounds = Nightly.of(20_000_000, 200_000);
    for (int i = 0; i < rounds; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      if (bytes.length > 0 && random.nextBoolean()) {
        bytes[0] = (byte) (random.nextBoolean() ? 1 + random.nextInt(7) : 65 + random.nextInt(16));
      }
      try {
        MessageCodec.read(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
      } catch (MalformedMessageException e) {
        assertThat(e).hasMessageStartingWith("a");
      } catch (RuntimeException e) {
        fail("seed " + seed + ", round " + i, e);
      }
    }
  }

  private static void assertMalformed(String what, int... bytes) {
    ByteBuffer packet = buffer();
    for (int b : bytes) {
      packet.put((byte) b);
    }
    assertThatThrownBy(() -> MessageCodec.read(packet.flip()))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage(what);
  }

  private static ByteBuffer written(Message message) {
    ByteBuffer bytes = buffer();
    MessageCodec.write(message, bytes);
    return bytes.flip();
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocate(Message.MAX_PACKET).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Stream<Class<?>> messages(Class<?> sealed) {
    return Stream.of(sealed.getPermittedSubclasses())
        .flatMap(each -> each.isSealed() ? messages(each) : Stream.of(each));
  }
}
