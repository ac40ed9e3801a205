package io.baton.worker.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.baton.codec.Saved;
import io.baton.pipe.SavedForm;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SavedSessionTest {
  private static final SavedForm READ = SavedSession.READ;
  private static final SavedSession SESSION =
      new SavedSession(
          "/pulse sub",
          new Saved("websocket", 7, bytes(1), bytes(2, 3)),
          bytes(4, 5, 6),
          bytes(7, 8, 9, 10));
  private static final Section OPTIONAL = new Section(4711, false, bytes(1, 2, 3));
  private static final Section CRITICAL = new Section(4711, true, bytes(1, 2, 3));

  private static ByteBuffer bytes(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length);
    for (int value : values) {
      bytes.put((byte) value);
    }
    return bytes.flip();
  }

  private static ByteBuffer with(Section more) {
    ByteBuffer encoded = SESSION.encode(READ);
    ByteBuffer all =
        ByteBuffer.allocate(encoded.remaining() + more.size()).order(ByteOrder.LITTLE_ENDIAN);
    all.put(encoded);
    more.write(all);
    return all.flip();
  }

  private static SavedForm without(SectionKind kind) {
    Set<Integer> sections = new TreeSet<>(READ.sections());
    sections.remove(kind.number);
    return new SavedForm(READ.newest(), sections);
  }

  @Test
  void aDecodedSessionEqualsTheEncodedOne() {
    assertThat(SavedSession.decode(SESSION.encode(READ))).isEqualTo(SESSION);
    SavedSession empty = new SavedSession("", Saved.unread("raw", 1, bytes()), bytes(), bytes());
    assertThat(SavedSession.decode(empty.encode(READ))).isEqualTo(empty);
  }

  @Test
  void noPieceOfASessionIsReadAsTheWhole() {
    ByteBuffer encoded = SESSION.encode(READ);
    for (int length = 0; length < encoded.limit(); length++) {
      ByteBuffer piece = encoded.slice(0, length);
      try {
        assertThat(SavedSession.decode(piece)).as("%d bytes", length).isNotEqualTo(SESSION);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageStartingWith("a saved session");
      }
    }
  }

  @Test
  void bytesBehindTheLastSectionAreRefused() {
    ByteBuffer encoded = SESSION.encode(READ);
    ByteBuffer more = ByteBuffer.allocate(encoded.limit() + 1).put(encoded).rewind();
    assertThatThrownBy(() -> SavedSession.decode(more))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a saved session that ends too early");
  }

  @Test
  void anUnknownFormIsRefused() {
    ByteBuffer other = SESSION.encode(READ).put(0, (byte) 2);
    assertThatThrownBy(() -> SavedSession.decode(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a session saved in form 2; read is form 1");
  }

  @Test
  void anUnknownSectionThatIsNotCriticalIsKeptAndPassedOn() {
    SavedSession session = SavedSession.decode(with(OPTIONAL));
    assertThat(session.others()).containsExactly(OPTIONAL);
    assertThat(session.encode(READ)).isEqualByComparingTo(with(OPTIONAL));
  }

  @Test
  void anUnknownCriticalSectionIsRefusedByItsNumber() {
    assertThatThrownBy(() -> SavedSession.decode(with(CRITICAL)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a saved session with section 4711, which is critical and unknown to this release");
  }

  @Test
  void aSectionThatComesTwiceIsRefused() {
    assertThatThrownBy(() -> SavedSession.decode(with(Section.of(SectionKind.SERVICE, bytes(1)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a saved session with two sections 18");
  }

  @Test
  void aSessionWithoutACodecIsRefused() {
    assertThatThrownBy(() -> SavedSession.decode(SESSION.encode(without(SectionKind.CODEC))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a saved session without a codec's section");
  }

  @Test
  void aSessionIsUnreadableWhereACriticalSectionOfItsIsUnknown() {
    assertThat(SESSION.unreadableIn(READ)).isEmpty();
    assertThat(SESSION.unreadableIn(without(SectionKind.UNSENT)))
        .hasValue("section 2 is not read by every worker");
    SavedSession sent =
        new SavedSession(SESSION.protocol(), SESSION.codec(), SESSION.service(), bytes());
    assertThat(sent.unreadableIn(without(SectionKind.UNSENT))).isEmpty();
    assertThat(SESSION.unreadableIn(new SavedForm(0, READ.sections())))
        .hasValue("form 1 of saved sessions is not read by every worker");
  }

  @Test
  void whatTwoReadIsTheOlderFormAndTheSectionsThatBothKnow() {
    SavedForm newer = new SavedForm(3, Set.of(1, 2, 5));
    assertThat(newer.and(new SavedForm(2, Set.of(2, 5, 9))))
        .isEqualTo(new SavedForm(2, Set.of(2, 5)));
  }

  /** The numbers are a promise to other releases. */
  private static SavedSession with(List<SavedSession> companions) {
    return new SavedSession(
        SESSION.protocol(),
        SESSION.codec(),
        SESSION.service(),
        SESSION.unsent(),
        bytes(),
        bytes(),
        bytes(),
        bytes(),
        companions,
        List.of());
  }

  @Test
  void furtherConnectionsGoAlongInOrder() {
    SavedSession one =
        SavedSession.companion("p", new Saved("c", 1, bytes(1), bytes(2)), bytes(3), bytes(4));
    SavedSession other =
        SavedSession.companion("p", new Saved("c", 2, bytes(), bytes()), bytes(), bytes());
    SavedSession session = with(List.of(one, other));
    assertThat(SavedSession.decode(session.encode(READ))).isEqualTo(session);
  }

  @Test
  void aCompanionHasNoCompanions() {
    ByteBuffer encoded = with(List.of(with(List.of(SESSION)))).encode(READ);
    assertThatThrownBy(() -> SavedSession.decode(encoded))
        .hasMessage("a companion with more than a connection's sections");
  }

  @Test
  void theSessionsNumberGoesAlongIfItIsNotItsConnections() {
    assertThat(SavedSession.id(7, 7).hasRemaining()).isFalse();
    SavedSession session =
        new SavedSession(
            SESSION.protocol(),
            SESSION.codec(),
            SESSION.service(),
            SESSION.unsent(),
            bytes(),
            SavedSession.id(7, 8),
            SavedSession.away(5),
            bytes(1, 2),
            List.of(),
            List.of());
    SavedSession decoded = SavedSession.decode(session.encode(READ));
    assertThat(decoded.idOr(8)).isEqualTo(7);
    assertThat(decoded.awayMs()).isEqualTo(5);
    assertThat(decoded.identity()).isEqualTo(bytes(1, 2));
    assertThat(SESSION.awayMs()).isNegative();
    assertThat(SESSION.idOr(8)).isEqualTo(8);
  }

  @Test
  void theNumbersOfSectionsStay() {
    assertThat(List.of(SectionKind.values()))
        .extracting(kind -> kind.number + " " + kind + (kind.critical ? ", critical" : ""))
        .containsExactly(
            "1 UNREAD, critical",
            "2 UNSENT, critical",
            "3 COVER, critical",
            "4 COMPANIONS, critical",
            "16 PROTOCOL, critical",
            "17 CODEC, critical",
            "18 SERVICE, critical",
            "19 SESSION",
            "20 AWAY, critical",
            "21 IDENTITY",
            "22 ACCOUNT",
            "23 TOPICS");
  }

  @Test
  void anyBytesAreReadOrRefused() {
    long seed = Seeds.one(SavedSessionTest.class);
    Random random = new Random(seed);
    int rounds = Nightly.of(10_000_000, 100_000);
    int read = 0;
    for (int round = 0; round < rounds; round++) {
      ByteBuffer bytes = almostASession(random);
      try {
        SavedSession session = SavedSession.decode(bytes);
        assertThat(SavedSession.decode(session.encode(READ))).isEqualTo(session);
        read++;
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageStartingWith("a s");
      } catch (RuntimeException e) {
        fail("seed " + seed + ", round " + round, e);
      }
    }
    assertThat(read).as("rounds in which something was read").isGreaterThan(rounds / 100);
  }

  /** Sections of any kind and length, in any order, some bytes of which are something else. */
  private static ByteBuffer almostASession(Random random) {
    ByteBuffer to = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN).put((byte) 1);
    SESSION
        .encode(READ)
        .get(1, to.array(), 1, random.nextInt(2) * (SESSION.encode(READ).limit() - 1));
    to.position(random.nextBoolean() ? SESSION.encode(READ).limit() : 1);
    for (int i = random.nextInt(4); i > 0; i--) {
      byte[] bytes = new byte[random.nextInt(32)];
      random.nextBytes(bytes);
      new Section(random.nextInt(20), random.nextInt(4) > 0, ByteBuffer.wrap(bytes)).write(to);
    }
    to.flip();
    for (int i = random.nextInt(3); i > 0; i--) {
      to.put(random.nextInt(to.limit()), (byte) random.nextInt(4));
    }
    return to;
  }
}
