package io.baton.worker.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Reset;
import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshMessage.Want;
import io.baton.mesh.MeshSocket;
import io.baton.mesh.MeshSocket.Packet;
import io.baton.pipe.Load;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Neighbour;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.posix.SocketPair;
import io.baton.worker.memory.ByteBudget;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Workers with links over real sockets; some neighbours are played by the test. */
class MeshLinksTest {
  private static final long BUDGET = 8L * 1024 * 1024;
  private static final Neighbour ONE = new Neighbour(1, 0, 1);
  private static final Neighbour OTHER = new Neighbour(2, 1, 1);
  private static final Neighbour THIRD = new Neighbour(3, 2, 1);

  /** What a listener was told. */
  private sealed interface Told {}

  private record Introduced(long neighbour) implements Told {}

  private record Received(long neighbour, MeshMessage message) implements Told {}

  private record Writable(long neighbour) implements Told {}

  private record BegunAnew(long neighbour) implements Told {}

  private record Severed(long neighbour) implements Told {}

  private record Died(long neighbour) implements Told {}

  /** A worker's part in the mesh, which keeps what it is told. */
  private static final class Side implements MeshListener {
    final MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    final SingleThreadIoEventLoop loop = (SingleThreadIoEventLoop) group.next();
    final ByteBudget budget = new ByteBudget(BUDGET);
    final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
    final MeshLinks links = new MeshLinks(loop, budget, failures::add);
    boolean tellsWritable;

    Side() {
      links.listen(this);
    }

    @Override
    public void introduced(long neighbour) {
      told.add(new Introduced(neighbour));
    }

    @Override
    public void received(long neighbour, MeshMessage message) {
      told.add(new Received(neighbour, message));
    }

    @Override
    public void writable(long neighbour) {
      if (tellsWritable) {
        told.add(new Writable(neighbour));
      }
    }

    @Override
    public void reset(long neighbour) {
      told.add(new BegunAnew(neighbour));
    }

    @Override
    public void severed(long neighbour) {
      told.add(new Severed(neighbour));
    }

    @Override
    public void died(long neighbour) {
      told.add(new Died(neighbour));
    }

    /** Runs on the loop. */
    <T> T on(Callable<T> action) throws Exception {
      return loop.submit(action).get();
    }

    void meets(Neighbour neighbour, Fd link) throws Exception {
      meets(List.of(neighbour), List.of(link), true);
    }

    void meets(List<Neighbour> neighbours, List<Fd> descriptors, boolean complete)
        throws Exception {
      on(() -> {
        links.add(neighbours, descriptors, complete);
        return null;
      });
    }

    boolean sends(Neighbour to, MeshMessage message) throws Exception {
      return on(() -> links.send(to.worker(), message));
    }

    Load.Mesh counts() throws Exception {
      return on(links::counts);
    }

    Told next() throws InterruptedException {
      Told next = told.poll(20, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing more is told; failures " + failures);
      }
      return next;
    }

    void close() throws Exception {
      on(() -> {
        links.close();
        return null;
      });
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
      assertThat(failures).isEmpty();
      assertThat(budget.held()).as("nothing is booked any more").isZero();
    }
  }

  private final long descriptors = openDescriptors();
  private final Side one = new Side();
  private final Side other = new Side();
  private final SocketPair pair = SocketPair.open();
  private final Frame frame = MeshSocket.newFrame();

  MeshLinksTest() throws Exception {}

  /** What is loaded on first use opens files that stay open. */
  @BeforeAll
  static void load() throws Exception {
    Side side = new Side();
    SocketPair pair = SocketPair.open();
    side.meets(OTHER, pair.ours());
    side.close();
    pair.theirs().release();
  }

  @AfterEach
  void closeAll() throws Exception {
    one.close();
    other.close();
    pair.ours().close();
    pair.theirs().close();
    assertThat(openDescriptors()).as("open descriptors").isLessThanOrEqualTo(descriptors);
  }

  private static long openDescriptors() throws Exception {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  /** The neighbour of {@link #one} that the test plays. */
  private MeshSocket played(SocketPair pair, Neighbour as) throws Exception {
    one.meets(as, Fd.owning(pair.ours().give()));
    assertThat(one.next()).isEqualTo(new Introduced(as.worker()));
    return new MeshSocket(pair.theirs(), frame);
  }

  private static List<MeshMessage> receiveAll(MeshSocket from, int count)
      throws MalformedMessageException {
    List<MeshMessage> all = new ArrayList<>();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (all.size() < count) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("only %d messages of %d".formatted(all.size(), count));
      }
      if (from.receive() instanceof Packet packet) {
        all.addAll(packet.messages());
      } else {
        Thread.onSpinWait();
      }
    }
    return all;
  }

  private void linked() throws Exception {
    one.meets(OTHER, Fd.owning(pair.ours().give()));
    other.meets(ONE, Fd.owning(pair.theirs().give()));
    assertThat(one.next()).isEqualTo(new Introduced(2));
    assertThat(other.next()).isEqualTo(new Introduced(1));
  }

  // Messages.

  @Test
  void messagesGoBothWaysInTheirOrder() throws Exception {
    linked();
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      int from = i * 100;
      int size = random.nextInt(2_000);
      for (Side side : List.of(one, other)) {
        Neighbour to = side == one ? OTHER : ONE;
        side.on(() -> {
          for (int n = from; n < from + 100; n++) {
            links(side).send(to.worker(), new Gap("t" + n, n));
            links(side).send(to.worker(), new Publish("t", n, new byte[size]));
          }
          return null;
        });
      }
      for (Side side : List.of(one, other)) {
        long its = side == one ? 2 : 1;
        for (int n = from; n < from + 100; n++) {
          assertThat(side.next()).isEqualTo(new Received(its, new Gap("t" + n, n)));
          assertThat(side.next())
              .isInstanceOfSatisfying(
                  Received.class,
                  told -> assertThat(((Publish) told.message).message()).hasSize(size));
        }
      }
    }
    assertThat(one.counts()).isEqualTo(new Load.Mesh(1, 10_000, 10_000, 0, 0));
    assertThat(other.counts()).isEqualTo(new Load.Mesh(1, 10_000, 10_000, 0, 0));
  }

  private static MeshLinks links(Side side) {
    return side.links;
  }

  @Test
  void messagesOfOneTurnOfTheLoopShareAPacket() throws Exception {
    MeshSocket played = played(pair, OTHER);
    one.on(() -> {
      for (int i = 0; i < 100; i++) {
        one.links.send(2, new Gap("t" + i, i));
      }
      return null;
    });
    assertThat(receiveAll(played, 1)).hasSize(100);
  }

  @Test
  void whatIsForAWorkerWithoutALinkIsNotSent() throws Exception {
    assertThat(one.sends(THIRD, new Synced())).isFalse();
    assertThat(one.counts()).isEqualTo(Load.Mesh.NONE);
  }

  // Neighbours that receive nothing.

  @Test
  void aLinkWhoseNeighbourReceivesNothingHoldsNoMoreThanItsShareAndTellsWhatItDrops()
      throws Exception {
    MeshSocket played = played(pair, OTHER);
    List<Long> accepted = new ArrayList<>();
    int published = 20_000;
    for (int i = 0; i < published; i += 100) {
      int from = i;
      one.on(() -> {
        for (long n = from; n < from + 100; n++) {
          if (one.links.send(2, new Publish("t", n, new byte[1_000]))) {
            accepted.add(n);
          }
          assertThat(one.links.send(2, new Gap("t", n))).as("control is never dropped").isTrue();
        }
        return null;
      });
      assertThat(one.budget.held()).isBetween(0L, BUDGET / 8 + 2_000);
    }
    Load.Mesh counts = one.counts();
    assertThat(accepted).hasSizeBetween(1, published / 2);
    assertThat(counts.dropped()).isEqualTo(published - accepted.size());
    assertThat(counts.waitingBytes()).isEqualTo(one.budget.held()).isPositive();
    // Then it receives again.
    List<Long> received = new ArrayList<>();
    MeshMessage last = new Synced();
    while (!last.equals(new Gap("t", published - 1))) {
      for (MeshMessage message : receiveAll(played, 1)) {
        last = message;
        if (message instanceof Publish publication) {
          received.add(publication.n());
        }
      }
    }
    assertThat(received).isEqualTo(accepted);
    assertThat(one.counts().waitingBytes()).isZero();
    assertThat(one.sends(OTHER, new Publish("t", 1, new byte[1_000]))).isTrue();
  }

  @Test
  void twoWorkersFullOfEachOthersMessagesDoNotWaitForEachOther() throws Exception {
    linked();
    int rounds = 300;
    for (int i = 0; i < rounds; i++) {
      for (Side side : List.of(one, other)) {
        Neighbour to = side == one ? OTHER : ONE;
        side.on(() -> {
          for (int n = 0; n < 10; n++) {
            side.links.send(to.worker(), new Publish("t", n, new byte[30_000]));
          }
          return null;
        });
      }
    }
    one.sends(OTHER, new Synced());
    other.sends(ONE, new Synced());
    for (Side side : List.of(one, other)) {
      Told told = side.next();
      while (!(told instanceof Received(long _, Synced _))) {
        told = side.next();
      }
    }
  }

  @Test
  void aLinkWithMoreControlThanMayWaitBeginsAnewOnceTheNeighbourReceivesAndTheOthersGoOn()
      throws Exception {
    MeshSocket slow = played(pair, OTHER);
    SocketPair second = SocketPair.open();
    try (MeshSocket third = played(second, THIRD)) {
      for (int stop = 0; stop < 3; stop++) {
        int sent = 0;
        while (one.sends(OTHER, new Want("t" + sent, 1))) {
          sent++;
        }
        assertThat(one.budget.held()).as("a Reset waits").isEqualTo(MeshOutbox.OVERHEAD);
        for (int i = 0; i < 10_000; i++) {
          assertThat(one.sends(OTHER, new Want("u" + i, 1))).isFalse();
        }
        assertThat(one.budget.held()).as("one Reset waits").isEqualTo(MeshOutbox.OVERHEAD);
        assertThat(one.told).isEmpty();
        assertThat(one.sends(THIRD, new Synced())).isTrue();
        assertThat(receiveAll(third, 1)).containsExactly(new Synced());
        assertThat(receiveUpTo(new Reset(), slow))
            .as("what the kernel had")
            .hasSizeBetween(1, sent - 1)
            .startsWith(new Want("t0", 1));
        assertThat(one.next()).isEqualTo(new BegunAnew(2));
        assertThat(one.sends(OTHER, new Synced())).isTrue();
        assertThat(receiveAll(slow, 1)).containsExactly(new Synced());
      }
      assertThat(one.counts().links()).isEqualTo(2);
      assertThat(one.budget.held()).isZero();
    }
  }

  /** Returns what comes before this message. */
  private static List<MeshMessage> receiveUpTo(MeshMessage last, MeshSocket from)
      throws MalformedMessageException {
    List<MeshMessage> all = new ArrayList<>();
    while (!all.contains(last)) {
      all.addAll(receiveAll(from, 1));
    }
    assertThat(all).endsWith(last);
    return all.subList(0, all.size() - 1);
  }

  @Test
  void controlThatTheSocketTakesIsNotTooMuchHoweverMuchIsSaidAtOnce() throws Exception {
    MeshSocket played = played(pair, OTHER);
    String name = "t".repeat(236);
    int limit = Math.toIntExact(BUDGET / 4) / (MeshOutbox.OVERHEAD + 240);
    int messages = limit + 100; // of which one packet takes more
    one.on(() -> {
      for (int i = 0; i < messages; i++) {
        assertThat(one.links.send(2, new Want(name + (1_000 + i), 1))).isTrue();
      }
      return null;
    });
    List<MeshMessage> received = receiveAll(played, messages);
    assertThat(received).hasSize(messages).doesNotContain(new Reset());
  }

  @Test
  void thatALinkBeginsAnewIsToldInItsPlaceAmongTheMessages() throws Exception {
    MeshSocket played = played(pair, OTHER);
    played.send(List.of(new Gap("t", 1), new Reset(), new Gap("t", 2)));
    assertThat(one.next()).isEqualTo(new Received(2, new Gap("t", 1)));
    assertThat(one.next()).isEqualTo(new BegunAnew(2));
    assertThat(one.next()).isEqualTo(new Received(2, new Gap("t", 2)));
  }

  @Test
  void aNeighbourThatDiesWithAFullLinkIsDead() throws Exception {
    MeshSocket played = played(pair, OTHER);
    int sent = 0;
    while (one.sends(OTHER, new Want("t" + sent, 1))) {
      sent++;
    }
    played.close();
    assertThat(one.next()).isEqualTo(new Died(2));
    assertThat(one.budget.held()).isZero();
  }

  @Test
  void thatAllHasBeenSentIsToldOnceTheNeighbourReceivesIt() throws Exception {
    MeshSocket played = played(pair, OTHER);
    one.tellsWritable = true;
    one.sends(OTHER, new Synced());
    assertThat(one.next()).isEqualTo(new Writable(2));
    int messages = 3_000;
    String longName = "t".repeat(240);
    for (int i = 0; i < messages; i++) {
      int n = i;
      one.loop.execute(() -> one.links.send(2, new Want(longName + n, n)));
    }
    one.on(() -> null);
    one.told.clear();
    assertThat(one.counts().waitingBytes()).as("the socket is full").isPositive();
    assertThat(receiveAll(played, messages + 1)).hasSize(messages + 1);
    assertThat(one.next()).isEqualTo(new Writable(2));
  }

  // Ends.

  @Test
  void theDeathOfANeighbourIsToldAfterAllThatItHadSent() throws Exception {
    MeshSocket played = played(pair, OTHER);
    one.sends(OTHER, new Synced()); // it dies with this unread
    CompletableFuture<Void> busy = new CompletableFuture<>();
    one.loop.execute(busy::join);
    for (int i = 0; i < 40; i++) {
      played.send(List.of(new Gap("t", i), new Gap("u", i)));
    }
    played.close();
    busy.complete(null);
    for (int i = 0; i < 40; i++) {
      assertThat(one.next()).isEqualTo(new Received(2, new Gap("t", i)));
      assertThat(one.next()).isEqualTo(new Received(2, new Gap("u", i)));
    }
    assertThat(one.next()).isEqualTo(new Died(2));
    assertThat(one.sends(OTHER, new Synced())).isFalse();
  }

  @Test
  void whatADeadNeighbourHadSentIsReceivedThoughTheDeathIsNoticedBySending() throws Exception {
    MeshSocket played = played(pair, OTHER);
    CompletableFuture<Void> busy = new CompletableFuture<>();
    one.loop.execute(busy::join);
    one.loop.execute(() -> one.links.send(2, new Synced()));
    for (int i = 0; i < 40; i++) {
      played.send(List.of(new Gap("t", i)));
    }
    played.close();
    busy.complete(null);
    for (int i = 0; i < 40; i++) {
      assertThat(one.next()).isEqualTo(new Received(2, new Gap("t", i)));
    }
    assertThat(one.next()).isEqualTo(new Died(2));
  }

  @Test
  void nonsenseEndsItsLinkAfterWhatCameBeforeAndNoOther() throws Exception {
    MeshSocket played = played(pair, OTHER);
    SocketPair second = SocketPair.open();
    try (MeshSocket third = played(second, THIRD)) {
      played.send(List.of(new Gap("t", 1)));
      Frame nonsense = new Frame(2);
      nonsense.payload().clear().put((byte) 99).put((byte) 1);
      nonsense.send(played.fd(), null);
      played.send(List.of(new Gap("t", 2)));
      assertThat(one.next()).isEqualTo(new Received(2, new Gap("t", 1)));
      assertThat(one.next()).as("it may live").isEqualTo(new Severed(2));
      third.send(List.of(new Gap("t", 3)));
      assertThat(one.next()).isEqualTo(new Received(3, new Gap("t", 3)));
    }
    assertThat(one.next()).isEqualTo(new Died(3));
  }

  @Test
  void aNeighbourThatEndsReceivesWhatWasSentToItLast() throws Exception {
    MeshSocket played = played(pair, OTHER);
    one.on(() -> {
      one.links.send(2, new Gap("t", 1));
      one.links.close();
      return null;
    });
    assertThat(receiveAll(played, 1)).containsExactly(new Gap("t", 1));
    assertThat(played.receive()).isEqualTo(new MeshSocket.End());
  }

  // Before it serves.

  private BlockingQueue<String> awaitingSync() throws Exception {
    BlockingQueue<String> synced = new LinkedBlockingQueue<>();
    one.on(() -> {
      one.links.whenSynced(() -> synced.add("synced"));
      return null;
    });
    return synced;
  }

  @Test
  void aWorkerWithoutNeighboursIsSyncedWhenItIsToldSo() throws Exception {
    BlockingQueue<String> synced = awaitingSync();
    assertThat(synced).isEmpty();
    one.meets(List.of(), List.of(), true);
    assertThat(synced).hasSize(1);
  }

  @Test
  void aWorkerIsSyncedWhenEachNeighbourThatWasThereHasSaidSoOrIsGone() throws Exception {
    BlockingQueue<String> synced = awaitingSync();
    SocketPair second = SocketPair.open();
    SocketPair later = SocketPair.open();
    one.meets(List.of(OTHER), List.of(Fd.owning(pair.ours().give())), false);
    MeshSocket neighbour = new MeshSocket(pair.theirs(), frame);
    neighbour.send(List.of(new Synced()));
    assertThat(one.next()).isEqualTo(new Introduced(2));
    assertThat(one.next()).isEqualTo(new Received(2, new Synced()));
    assertThat(synced).as("others are still to be named").isEmpty();
    one.meets(List.of(THIRD), List.of(second.ours()), true);
    one.meets(List.of(new Neighbour(4, 3, 1)), List.of(later.ours()), true);
    assertThat(one.next()).isEqualTo(new Introduced(3));
    assertThat(one.next()).isEqualTo(new Introduced(4));
    assertThat(synced).isEmpty();
    second.theirs().release();
    assertThat(one.next()).isEqualTo(new Died(3));
    assertThat(synced.poll(20, TimeUnit.SECONDS)).as("without the later one").isNotNull();
    later.theirs().release();
    assertThat(one.next()).isEqualTo(new Died(4));
  }

  @Test
  void aNeighbourWhoseDescriptorIsLostIsNotWaitedFor() throws Exception {
    BlockingQueue<String> synced = awaitingSync();
    one.meets(List.of(OTHER, THIRD), List.of(Fd.owning(pair.ours().give())), true);
    new MeshSocket(pair.theirs(), frame).send(List.of(new Synced()));
    assertThat(synced.poll(20, TimeUnit.SECONDS)).isNotNull();
    assertThat(one.counts().links()).isEqualTo(1);
    assertThat(one.told).contains(new Severed(3));
  }

  @Test
  void linksBeyondThoseThatAWorkerMayHaveAreClosedAndTheirNeighboursNotWaitedFor()
      throws Exception {
    BlockingQueue<String> synced = awaitingSync();
    List<Neighbour> neighbours = new ArrayList<>();
    List<Fd> ours = new ArrayList<>();
    List<MeshSocket> theirs = new ArrayList<>();
    for (int i = 0; i <= MeshLinks.MAX_LINKS; i++) {
      SocketPair link = SocketPair.open();
      neighbours.add(new Neighbour(100 + i, i, 1));
      ours.add(link.ours());
      theirs.add(new MeshSocket(link.theirs(), frame));
    }
    one.meets(neighbours, ours, true);
    assertThat(one.counts().links()).isEqualTo(MeshLinks.MAX_LINKS);
    MeshSocket beyond = theirs.removeLast();
    assertThat(beyond.receive()).isEqualTo(new MeshSocket.End());
    assertThat(one.told).endsWith(new Severed(100 + MeshLinks.MAX_LINKS));
    theirs.forEach(each -> each.send(List.of(new Synced())));
    assertThat(synced.poll(20, TimeUnit.SECONDS)).isNotNull();
    theirs.forEach(MeshSocket::close);
    beyond.close();
  }
}
