package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.worker.topics.SubscriptionGraph.Mark;
import io.baton.worker.topics.TopicPositions.TopicPosition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopicPositionsTest {
  private static final TopicPositions POSITIONS =
      new TopicPositions(
          3,
          2,
          List.of(1L),
          List.of(
              new TopicPosition("a", "", false, List.of(new Mark(2, 5), new Mark(4, 7))),
              new TopicPosition("é", "", false, List.of(new Mark(3, 1)))));

  /** Other releases read it. */
  @Test
  void theBytesAreWhatTheyHaveAlwaysBeen() {
    assertThat(HexFormat.of().formatHex(POSITIONS.encode().array()))
        .isEqualTo(
            "0300000000000000"
                + "02000000"
                + "01"
                + "0100000000000000"
                + "03"
                + "020000000000000003000000000000000400000000000000"
                + "0200"
                + "0161"
                + "0500000000000000ffffffffffffffff0700000000000000"
                + "02c3a9"
                + "ffffffffffffffff0100000000000000ffffffffffffffff");
  }

  @Test
  void whatIsWrittenReadsTheSame() {
    assertThat(TopicPositions.decode(POSITIONS.encode())).isEqualTo(POSITIONS);
  }

  @Test
  void aCutIsMalformed() {
    ByteBuffer bytes = POSITIONS.encode();
    for (int length = 0; length < bytes.limit(); length++) {
      ByteBuffer cut = bytes.slice(0, length);
      assertThatThrownBy(() -> TopicPositions.decode(cut))
          .as("the first %d bytes", length)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("positions of topics that end too early");
    }
  }

  @Test
  void bytesTooManyAreMalformed() {
    TopicPositions with =
        new TopicPositions(
            3, 2, List.of(), List.of(new TopicPosition("a", "Anna", true, List.of())));
    ByteBuffer bytes = with.encode();
    ByteBuffer more = ByteBuffer.allocate(bytes.remaining() + 1).put(bytes).rewind();
    assertThatThrownBy(() -> TopicPositions.decode(more))
        .hasMessage("positions of topics with 1 bytes too many");
  }

  @Test
  void whatASessionSaysAboutItselfIsWrittenAfterItsTopics() {
    TopicPositions with =
        new TopicPositions(
            3,
            2,
            List.of(),
            List.of(
                new TopicPosition("a", "Anna", false, List.of()),
                new TopicPosition("b", "", false, List.of())));
    assertThat(HexFormat.of().formatHex(with.encode().array()))
        .isEqualTo(
            "0300000000000000" + "02000000" + "0000" + "0200" + "01610162" + "0400416e6e610000");
    assertThat(TopicPositions.decode(with.encode())).isEqualTo(with);
    assertThatThrownBy(() -> TopicPositions.decode(hex("0300000000000000020000000000010001610000")))
        .hasMessage("positions of topics with texts about a session that are all empty");
    assertThatThrownBy(() -> TopicPositions.decode(hex("0300000000000000020000000000010001610101")))
        .hasMessage("positions of topics with a text of 257 bytes about a session");
  }

  @Test
  void thatASessionMayHaveMissedSomethingIsWrittenAtTheEnd() {
    TopicPositions unsure =
        new TopicPositions(
            3,
            2,
            List.of(),
            List.of(
                new TopicPosition("a", "", false, List.of()),
                new TopicPosition("b", "", true, List.of())));
    assertThat(HexFormat.of().formatHex(unsure.encode().array()))
        .isEqualTo(
            "0300000000000000" + "02000000" + "0000" + "0200" + "01610162" + "00000000" + "0001");
    assertThat(TopicPositions.decode(unsure.encode())).isEqualTo(unsure);
    assertThatThrownBy(
            () -> TopicPositions.decode(hex("030000000000000002000000000001000161000002")))
        .hasMessage("positions of topics with a flag of 2");
    assertThatThrownBy(
            () -> TopicPositions.decode(hex("030000000000000002000000000001000161000000")))
        .hasMessage("positions of topics with flags that are all 0");
  }

  private static ByteBuffer hex(String bytes) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(bytes));
  }

  @Test
  void ofMorePublishersThanThereCanBeThoseThatCameLastAreWritten() {
    List<Mark> marks = new ArrayList<>();
    for (int worker = 1; worker <= 300; worker++) {
      marks.add(new Mark(worker, worker));
    }
    TopicPositions many =
        new TopicPositions(1, 1, List.of(), List.of(new TopicPosition("a", "", false, marks)));
    List<Mark> read = TopicPositions.decode(many.encode()).topics().getFirst().marks();
    assertThat(read).isEqualTo(marks.subList(300 - read.size(), 300)).hasSize(255);
  }
}
