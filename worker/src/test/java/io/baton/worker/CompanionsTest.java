package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.TableCodec;
import io.baton.codec.TableCodec.Line;
import io.baton.pipe.HandoffKind.Saved;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Refusal;
import io.baton.pipe.SessionDescription;
import io.baton.posix.Descriptors;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.service.CloseReason;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionKey;
import io.baton.worker.channel.FdChannel;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sessions of several connections, in one of two workers. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // recvmsg heeds no interrupt
@ExtendWith(NoLeaks.class)
class CompanionsTest extends TwoWorkers {
  private static final int MAX_PENDING = 32 * 1024 * 1024;

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  /** What the service does when it has resumed. */
  private volatile Consumer<Session<Line>> onResumed = _ -> {};

  /** What takes the place of a first connection's descriptor behind its codec's installation. */
  private volatile @Nullable Fd instead;

  /** Whether the codec fails on companions. */
  private volatile boolean codecFails;

  CompanionsTest() throws Exception {}

  @Override
  List<Route<?, ?>> routes() {
    String rules =
        "awaits-return = 1h, max-connections = 100, write-timeout = 3s, max-pending = "
            + MAX_PENDING;
    return List.of(TestRoutes.of("plain", rules, new Failing(new TableCodec()), Counting::new));
  }

  /** Fails on companions, if it is to, with bytes in its hands. */
  private final class Failing implements Codec<Line, Line> {
    private final TableCodec tables;

    Failing(TableCodec tables) {
      this.tables = tables;
    }

    @Override
    public Class<Line> in() {
      return tables.in();
    }

    @Override
    public Class<Line> out() {
      return tables.out();
    }

    @Override
    public int window() {
      return tables.window();
    }

    @Override
    public boolean seeks() {
      return true;
    }

    @Override
    public Flow install(CodecContext context) {
      if (codecFails && context.accompanies().isPresent()) {
        context.window().holds(1_000);
        throw new IllegalArgumentException("a codec that fails on companions");
      }
      Fd other = instead;
      if (other != null && context.accompanies().isEmpty()) {
        FdChannel channel = (FdChannel) context.pipeline().channel();
        channel.lend(its -> {
          Descriptors.replace(its, other);
          return its;
        });
      }
      return tables.install(context);
    }
  }

  /** Numbers the lines of all seats. */
  private final class Counting implements Service<Line, Line>, Resumable<Line> {
    private int count;

    /** It was asked for room when there was none. */
    private boolean full;

    @Override
    public boolean opened(Session<Line> session) {
      told.add("opened");
      return true;
    }

    @Override
    public void received(Session<Line> session, Line line) {
      count++;
      String[] words = line.text().split(" ", 3);
      switch (words[0]) {
        case "to" -> session.send(new Line(Integer.parseInt(words[1]), count + " " + words[2]));
        case "flood" -> {
          Line much = new Line(Integer.parseInt(words[1]), "x".repeat(1024 * 1024));
          for (int i = 0; i < Integer.parseInt(words[2]); i++) {
            session.send(much);
          }
        }
        case "room" -> {
          full = !session.writable();
          session.send(new Line(0, count + " " + !full));
        }
        case "end" -> session.close(CloseReason.SERVICE);
        default -> session.send(new Line(line.seat(), count + " " + line.text()));
      }
    }

    @Override
    public void writable(Session<Line> session) {
      if (full && session.writable()) {
        full = false;
        told.add("writable");
      }
    }

    @Override
    public byte[] save(Session<Line> session) {
      return new byte[] {(byte) count};
    }

    @Override
    public void resumed(Session<Line> session, byte[] saved) {
      count = saved[0];
      told.add("resumed");
      onResumed.accept(session);
    }

    @Override
    public void away(Session<Line> session) {
      told.add("away");
    }

    @Override
    public void closed(Session<Line> session, CloseReason why) {
      told.add("closed " + why);
    }
  }

  private LineClient begin() throws Exception {
    return one.connect().says("new");
  }

  private LineClient join(Side side, String table, int seat) throws Exception {
    LineClient client = side.connect().says("join " + table);
    assertThat(client.hears()).isEqualTo("seat " + seat);
    return client;
  }

  private static String number(LineClient first) throws Exception {
    return Objects.requireNonNull(first.hears());
  }

  @Test
  void furtherConnectionsAreOfOneSession() throws Exception {
    LineClient first = begin();
    String table = number(first);
    LineClient second = join(one, table, 1);
    LineClient third = join(one, table, 2);
    assertThat(first.says("a").hears()).isEqualTo("1 a");
    assertThat(second.says("b").hears()).isEqualTo("2 b");
    assertThat(third.says("c").hears()).isEqualTo("3 c");
    third.says("to 0 d");
    assertThat(first.hears()).isEqualTo("4 d");
    first.says("to 2 e");
    assertThat(third.hears()).isEqualTo("5 e");
    assertThat(told).containsExactly("opened");
  }

  @Test
  void anOperatorIsToldHowManyThereAre() throws Exception {
    String table = number(begin());
    SessionKey key = SessionKey.ofShort(Integer.parseUnsignedInt(table, 16));
    assertThat(Objects.requireNonNull(one.describe(key)).details()).isEmpty();
    var _ = join(one, table, 1);
    assertThat(Objects.requireNonNull(one.describe(key)).details())
        .containsExactly(new SessionDescription.Detail("connections", "2"));
  }

  @Test
  void whatFollowsTheWordsOfJoiningIsReadToo() throws Exception {
    String table = number(begin());
    LineClient second = one.connect().says("join " + table + "\nb\nc");
    assertThat(second.hears()).isEqualTo("seat 1");
    assertThat(second.hears()).isEqualTo("1 b");
    assertThat(second.hears()).isEqualTo("2 c");
  }

  @Test
  void theSessionGoesOnWithoutOneThatLeaves() throws Exception {
    LineClient first = begin();
    String table = number(first);
    LineClient second = join(one, table, 1);
    LineClient third = join(one, table, 2);
    second.reset();
    assertThat(first.hears()).isEqualTo("1 left");
    assertThat(third.hears()).isEqualTo("1 left");
    assertThat(one.counts()).isEqualTo(new Departed(0, null, 1));
    third.leaves();
    assertThat(first.hears()).isEqualTo("2 left");
    assertThat(third.hears()).isEqualTo("bye CLIENT");
    assertThat(first.says("a").hears()).isEqualTo("1 a");
    LineClient again = join(one, table, 3);
    assertThat(again.says("b").hears()).isEqualTo("2 b");
  }

  @Test
  void allEndWithTheirSession() throws Exception {
    LineClient first = begin();
    LineClient second = join(one, number(first), 1);
    second.says("end");
    assertThat(first.hears()).isEqualTo("bye SERVICE");
    assertThat(second.hears()).isEqualTo("bye SERVICE");
    assertThat(first.hears()).isNull();
    assertThat(second.hears()).isNull();
    assertThat(List.of(told.take(), told.take())).containsExactly("opened", "closed SERVICE");
    int departed = ((Departed) one.counts()).count();
    assertThat(departed == 2 ? 2 : departed + ((Departed) one.counts()).count()).isEqualTo(2);
  }

  @Test
  void allEndWithTheFirstOne() throws Exception {
    LineClient first = begin();
    LineClient second = join(one, number(first), 1);
    first.reset();
    assertThat(second.hears()).isEqualTo("bye CLIENT");
    assertThat(second.hears()).isNull();
    assertThat(List.of(told.take(), told.take())).containsExactly("opened", "closed CLIENT");
  }

  @Test
  void aBreachOfTheProtocolOnOneEndsAll() throws Exception {
    LineClient first = begin();
    LineClient second = join(one, number(first), 1);
    second.says("x".repeat(101));
    assertThat(first.hears()).isEqualTo("bye PROTOCOL");
    assertThat(second.hears()).isEqualTo("bye PROTOCOL");
  }

  @Test
  void aSessionHasNoMoreThanFifteenConnections() throws Exception {
    LineClient first = begin();
    String table = number(first);
    for (int seat = 1; seat < CodecContext.MAX_CONNECTIONS; seat++) {
      var _ = join(one, table, seat);
    }
    LineClient tooMany = one.connect().says("join " + table);
    assertThat(tooMany.hears()).isEqualTo("full");
    assertThat(tooMany.hears()).isNull();
    assertThat(first.says("a").hears()).isEqualTo("1 a");
    movesWith(CodecContext.MAX_CONNECTIONS);
    assertThat(first.says("b").hears()).isEqualTo("2 b");
  }

  @Test
  void oneThatIsAcceptedElsewhereFindsItsSession() throws Exception {
    LineClient first = begin();
    String table = number(first);
    LineClient second = other.connect().says("join " + table).says("b");
    Handoff given = other.given();
    assertThat(((Unserved) given.kind()).search()).isEqualTo(Search.ASK);
    one.give(given);
    assertThat(one.manager.await(Taken.class).id()).isEqualTo(given.id());
    assertThat(second.hears()).isEqualTo("seat 1");
    assertThat(second.hears()).isEqualTo("1 b");
  }

  @Test
  void oneThatWasAnsweredBeforeItAskedFindsItsSessionWhereverThatIs() throws Exception {
    LineClient first = begin();
    String table = number(first);
    LineClient here = one.connect().says("knock");
    LineClient elsewhere = other.connect().says("knock");
    assertThat(here.hears()).isEqualTo("come in");
    assertThat(elsewhere.hears()).isEqualTo("come in");
    assertThat(here.says("join " + table).hears()).isEqualTo("seat 1");
    elsewhere.says("join " + table).says("b");
    Handoff given = other.given();
    one.give(given);
    assertThat(one.manager.await(Taken.class).id()).isEqualTo(given.id());
    assertThat(elsewhere.hears()).isEqualTo("seat 2");
    assertThat(elsewhere.hears()).isEqualTo("1 b");
  }

  @Test
  void oneThatWasAnsweredBeforeItsSessionMovedFollowsIt() throws Exception {
    LineClient first = begin();
    String table = number(first);
    LineClient second = one.connect().says("knock");
    assertThat(second.hears()).isEqualTo("come in");
    movesWith(1);
    second.says("join " + table);
    Handoff given = one.given();
    assertThat(((Unserved) given.kind()).search()).isEqualTo(Search.ASK);
    other.give(given);
    assertThat(other.manager.await(Taken.class).id()).isEqualTo(given.id());
    assertThat(second.hears()).isEqualTo("seat 1");
    assertThat(second.says("b").hears()).isEqualTo("1 b");
  }

  @Test
  void oneWhoseSessionMovesWhileItIsTakenFollowsIt() throws Exception {
    LineClient first = begin();
    String table = number(first);
    LineClient second = other.connect().says("join " + table).says("b");
    Handoff seeks = other.given();
    one.manager.send(new Message.FormInUse(SavedSession.READ), null);
    Message moves = new Message.AllowMigrations(1, Message.First.IDLEST);
    one.manager.pipe.send(List.of(seeks, moves), List.of(descriptors.removeFirst()));
    Handoff session = one.given();
    assertThat(session.kind()).isInstanceOf(Saved.class);
    Handoff follows = one.given();
    assertThat(((Unserved) follows.kind()).search()).isEqualTo(Search.ASK);
    other.give(session);
    assertThat(other.manager.await(Taken.class).id()).isEqualTo(session.id());
    other.give(follows);
    assertThat(other.manager.await(Taken.class).id()).isEqualTo(follows.id());
    assertThat(second.hears()).isEqualTo("seat 1");
    assertThat(second.hears()).isEqualTo("1 b");
    assertThat(first.says("a").hears()).isEqualTo("2 a");
  }

  private Handoff gives(Side side, int connections) throws Exception {
    side.manager.send(new Message.FormInUse(SavedSession.READ), null);
    side.manager.send(new Message.AllowMigrations(1, Message.First.IDLEST), null);
    Handoff given = side.given();
    assertThat(((Saved) given.kind()).companions()).hasSize(connections - 1);
    assertThat(descriptors).hasSize(given.kind().descriptors());
    return given;
  }

  /** The session moves from one worker to the other. */
  private void movesWith(int connections) throws Exception {
    Handoff given = gives(one, connections);
    other.manager.pipe.send(List.of(given), descriptors);
    descriptors.forEach(Fd::close);
    descriptors.clear();
    assertThat(other.manager.await(Taken.class).id()).isEqualTo(given.id());
    List<String> ends = new ArrayList<>();
    while (!ends.contains("resumed") || !ends.contains("closed MOVED")) {
      ends.add(told.take());
    }
  }

  @Test
  void allMoveTogether() throws Exception {
    LineClient first = begin();
    String table = number(first);
    LineClient second = join(one, table, 1);
    LineClient third = join(one, table, 2);
    assertThat(second.says("b").hears()).isEqualTo("1 b");
    second.speaks("half a li");
    movesWith(3);
    assertThat(second.hears()).isEqualTo("seat 1");
    assertThat(third.hears()).isEqualTo("seat 2");
    assertThat(second.says("ne").hears()).isEqualTo("2 half a line");
    assertThat(third.says("to 0 c").says("d").hears()).isEqualTo("4 d");
    assertThat(first.hears()).isEqualTo("3 c");
    LineClient fourth = join(other, table, 3);
    assertThat(fourth.says("e").hears()).isEqualTo("5 e");
    third.reset();
    assertThat(first.hears()).isEqualTo("2 left");
    first.says("end");
    assertThat(second.hears()).isEqualTo("2 left");
    assertThat(second.hears()).isEqualTo("bye SERVICE");
  }

  @Test
  void whatTheServiceSendsOnResumingGoesToAllBehindWhatWasSentBefore() throws Exception {
    LineClient first = begin();
    LineClient second = join(one, number(first), 1);
    first.says("flood 1 16");
    assertThat(first.says("a").hears()).isEqualTo("2 a");
    onResumed = session -> session.send(new Line(1, "again"));
    movesWith(2);
    for (int i = 0; i < 16; i++) {
      assertThat(second.hears()).hasSize(1024 * 1024);
    }
    assertThat(List.of(number(second), number(second))).containsExactly("seat 1", "again");
  }

  @Test
  void allEndWithASessionThatEndsOnResuming() throws Exception {
    LineClient first = begin();
    LineClient second = join(one, number(first), 1);
    onResumed = session -> session.close(CloseReason.SERVICE);
    movesWith(2);
    assertThat(first.hears()).isEqualTo("bye SERVICE");
    assertThat(second.hears()).isEqualTo("seat 1");
    assertThat(second.hears()).isEqualTo("bye SERVICE");
    assertThat(second.hears()).isNull();
  }

  @Test
  void oneThatHasLeftBeforeAMoveIsCountedWhereItWas() throws Exception {
    LineClient first = begin();
    LineClient second = join(one, number(first), 1);
    first.says("flood 1 16");
    assertThat(first.says("a").hears()).isEqualTo("2 a");
    second.leaves();
    assertThat(first.says("b").hears()).isEqualTo("3 b");
    movesWith(1);
    for (int i = 0; i < 16; i++) {
      assertThat(second.hears()).hasSize(1024 * 1024);
    }
    assertThat(second.hears()).isEqualTo("bye CLIENT");
    assertThat(one.counts()).isEqualTo(new Departed(0, null, 1));
  }

  @Test
  void aConnectionOnWhichTheCodecFailsIsCountedAsOver() throws Exception {
    LineClient first = begin();
    String table = number(first);
    codecFails = true;
    LineClient second = one.connect().says("join " + table);
    assertThat(second.hears()).isNull();
    assertThat(one.counts()).isEqualTo(new Departed(0, null, 1));
    codecFails = false;
    assertThat(first.says("a").hears()).isEqualTo("1 a");
    var _ = join(one, table, 2);
    movesWith(2);
  }

  @Test
  void aSessionWhoseCodecFailsOnACompanionIsRefused() throws Exception {
    LineClient first = begin();
    String table = number(first);
    LineClient second = join(one, table, 1);
    Handoff given = gives(one, 2);
    codecFails = true;
    other.manager.pipe.send(List.of(given), descriptors);
    assertThat(other.manager.await(Refused.class).why()).isEqualTo(Refusal.UNREADABLE);
    assertThat(other.describe(SessionKey.ofShort(Integer.parseUnsignedInt(table, 16)))).isNull();
    codecFails = false;
    one.manager.pipe.send(List.of(given), descriptors);
    assertThat(one.manager.await(Taken.class).id()).isEqualTo(given.id());
    assertThat(second.hears()).isEqualTo("seat 1");
    assertThat(second.says("a").hears()).isEqualTo("1 a");
  }

  @Test
  void allEndIfTheFirstOneCannotBeRegistered() throws Exception {
    LineClient first = begin();
    String table = number(first);
    LineClient second = join(one, table, 1);
    Handoff given = gives(one, 2);
    try (Fd noSocket = MemFd.sealed("none", ByteBuffer.allocate(1))) {
      instead = noSocket;
      other.manager.pipe.send(List.of(given), descriptors);
      descriptors.forEach(Fd::close);
      descriptors.clear();
      assertThat(second.hears()).isNull();
      assertThat(first.hears()).isNull();
    }
    String last = told.take();
    while (!last.equals("closed ERROR")) {
      last = told.take();
    }
    int departed = ((Departed) other.counts()).count();
    assertThat(departed == 2 ? 2 : departed + ((Departed) other.counts()).count()).isEqualTo(2);
    assertThat(other.describe(SessionKey.ofShort(Integer.parseUnsignedInt(table, 16)))).isNull();
  }

  @Test
  void nobodyJoinsASessionWhoseFirstConnectionIsLost() throws Exception {
    LineClient first = begin();
    String table = number(first);
    first.reset();
    assertThat(List.of(told.take(), told.take())).containsExactly("opened", "away");
    LineClient second = one.connect().says("join " + table);
    assertThat(second.hears()).isEqualTo("full");
    assertThat(second.hears()).isNull();
  }

  @Test
  void aSessionEndsOfWhichOneConnectionTakesNoneOfItsOutput() throws Exception {
    LineClient first = begin();
    var _ = join(one, number(first), 1);
    first.says("flood 1 " + 2 * MAX_PENDING / (1024 * 1024));
    assertThat(List.of(told.take(), told.take())).containsExactly("opened", "closed LIMIT");
  }

  @Test
  void aCompanionThatTakesNothingEndsTheSession() throws Exception {
    LineClient first = begin();
    var _ = join(one, number(first), 1);
    first.says("flood 1 " + MAX_PENDING / 2 / (1024 * 1024));
    assertThat(List.of(told.take(), told.take())).containsExactly("opened", "closed TIMEOUT");
  }

  @Test
  void aSessionIsWritableWhenAllOfItsConnectionsAre() throws Exception {
    LineClient first = begin();
    LineClient second = join(one, number(first), 1);
    assertThat(first.says("room").hears()).isEqualTo("1 true");
    first.says("flood 1 16");
    assertThat(first.says("room").hears()).isEqualTo("3 false");
    for (int i = 0; i < 16; i++) {
      assertThat(second.hears()).hasSize(1024 * 1024);
    }
    assertThat(List.of(told.take(), told.take())).containsExactly("opened", "writable");
  }

  @Test
  void aSessionIsWritableAgainWhenTheConnectionThatIsNotHasEnded() throws Exception {
    LineClient first = begin();
    LineClient second = join(one, number(first), 1);
    first.says("flood 1 16");
    assertThat(first.says("room").hears()).isEqualTo("2 false");
    second.reset();
    assertThat(List.of(told.take(), told.take())).containsExactly("opened", "writable");
    assertThat(first.hears()).isEqualTo("1 left");
    assertThat(first.says("room").hears()).isEqualTo("3 true");
  }

  @Test
  void allHearOfTheEndOfADrain() throws Exception {
    LineClient first = begin();
    LineClient second = join(one, number(first), 1);
    one.manager.send(new Message.Drain(10), null);
    assertThat(first.hears()).isEqualTo("bye SHUTDOWN");
    assertThat(second.hears()).isEqualTo("bye SHUTDOWN");
    assertThat(second.hears()).isNull();
  }

  @Test
  void aDrainWaitsForConnectionsThatEndInOrder() throws Exception {
    LineClient first = begin();
    LineClient second = join(one, number(first), 1);
    first.says("flood 1 16").says("end");
    assertThat(first.hears()).isEqualTo("bye SERVICE");
    first.leaves();
    List<String> ends = new ArrayList<>();
    while (!ends.contains("closed SERVICE")) {
      ends.add(told.take());
    }
    one.manager.send(new Message.Drain(60_000), null);
    Thread process = Thread.startVirtualThread(this::endWithTheDrain);
    for (int i = 0; i < 16; i++) {
      assertThat(second.hears()).hasSize(1024 * 1024);
    }
    assertThat(second.hears()).isEqualTo("bye SERVICE");
    second.leaves();
    process.join();
  }

  /** As the worker's process does. */
  private void endWithTheDrain() {
    try {
      var _ = one.worker.awaitEnd();
      one.worker.close();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aSessionOneOfWhoseConnectionsIsNoneIsClosedWhereItIsRefused() throws Exception {
    LineClient first = begin();
    var _ = join(one, number(first), 1);
    Handoff given = gives(one, 2);
    try (Fd none = MemFd.sealed("none", ByteBuffer.allocate(1))) {
      other.manager.pipe.send(List.of(given), List.of(descriptors.getFirst(), none));
    }
    assertThat(other.manager.await(Refused.class).why()).isEqualTo(Refusal.UNREADABLE);
    descriptors.forEach(Fd::close);
    descriptors.clear();
    assertThat(first.hears()).isNull();
  }
}
