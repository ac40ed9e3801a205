package io.baton.manager.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.TestSettings;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.First;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Neighbours;
import io.baton.pipe.Message.Offended;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.Message.Unsaved;
import io.baton.pipe.Neighbour;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.pipe.ServiceSessions;
import io.baton.pipe.SessionCounts;
import io.baton.posix.EventFd;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.SocketPair;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The worker's end of the pipe is the test's. */
class WorkerPipeTest {
  private static final HandoffKind SAVED = HandoffKind.saved("", ByteBuffer.allocate(1));
  private static final HandoffKind ASIDE = HandoffKind.savedAside("");
  private static final HandoffKind UNSERVED =
      new HandoffKind.Unserved(
          new SessionKey(1, 2),
          HandoffKind.Search.ASK,
          new HandoffKind.State.Inline(ByteBuffer.allocate(1)));
  private static final HandoffKind UNSERVED_ASIDE =
      new HandoffKind.Unserved(
          new SessionKey(1, 2), HandoffKind.Search.NOWHERE, new HandoffKind.State.Aside());
  private static final PeerKey KEY = new PeerKey(PeerKey.Kind.UNIX, 7);

  /** The number of the listener whose index in the worker's configuration is 1. */
  private static final int LISTENER = 4;

  /** Its three listeners have these numbers. */
  private static final Generation GENERATION =
      new Generation(4, TestSettings.with(1, 3), List.of(5, LISTENER, 9), 10);

  private final EventFd client = new EventFd();
  private final Pipe manager;
  private final Pipe worker;
  private final WorkerPipe pipe;

  WorkerPipeTest() throws PosixException {
    SocketPair pair = SocketPair.open();
    manager = new Pipe(pair.ours(), Pipe.newFrame());
    worker = new Pipe(pair.theirs(), Pipe.newFrame());
    pipe = new WorkerPipe(GENERATION, UnaryOperator.identity(), manager, worker);
  }

  @AfterEach
  void close() {
    pipe.close();
    client.close();
  }

  private static Handoff handoff(long id, int listener, HandoffKind kind) {
    return new Handoff(id, listener, new Peer.Unix(1, 2), kind);
  }

  /** Places a client at the listener, with as many descriptors as its kind has. */
  private List<Long> place(long id, HandoffKind kind) {
    return pipe.place(
        handoff(id, LISTENER, kind),
        List.of(client.fd(), client.fd()).subList(0, kind.descriptors()));
  }

  private List<Long> placeFresh(long first, long last) {
    return LongStream.rangeClosed(first, last)
        .boxed()
        .flatMap(id -> place(id, HandoffKind.FRESH).stream())
        .toList();
  }

  /** The next packet that the worker receives; its descriptors are closed. */
  private Packet received() throws MalformedMessageException {
    Packet packet = (Packet) worker.receive();
    packet.releaseDescriptors();
    return packet;
  }

  private static List<Long> ids(Packet packet) {
    return packet.messages().stream().map(each -> ((Handoff) each).id()).toList();
  }

  /** Fills the pipe with pings. */
  private int fill() {
    int sent = 0;
    while (manager.send(new Ping(1), null) == Pipe.Sent.YES) {
      sent++;
    }
    return sent;
  }

  private static AllowMigrations allow(long total) {
    return new AllowMigrations(total, First.IDLEST);
  }

  private static long openDescriptors() throws Exception {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  // Batches.

  @Test
  void clientsPlacedInARowShareAPacketWithADescriptorForEach() throws Exception {
    assertThat(place(1, HandoffKind.FRESH)).isEmpty();
    assertThat(place(2, HandoffKind.BEYOND_LIMIT)).isEmpty();
    assertThat(worker.receive()).as("nothing goes out by itself").isEqualTo(new Pipe.Empty());
    assertThat(pipe.sendPlaced()).isEmpty();
    Packet packet = received();
    assertThat(packet.messages())
        .isEqualTo(
            List.of(handoff(1, 1, HandoffKind.FRESH), handoff(2, 1, HandoffKind.BEYOND_LIMIT)));
    assertThat(packet.descriptors()).hasSize(2);
    assertThat(pipe.sendPlaced()).isEmpty();
    assertThat(worker.receive()).as("sent once").isEqualTo(new Pipe.Empty());
  }

  @Test
  void aFullPacketGoesOutBeforeTheNextClient() throws Exception {
    int many = 2 * Message.MAX_HANDOFFS + 1;
    assertThat(placeFresh(1, many)).isEmpty();
    assertThat(pipe.sendPlaced()).isEmpty();
    List<Long> ids = new ArrayList<>();
    for (int size : new int[] {Message.MAX_HANDOFFS, Message.MAX_HANDOFFS, 1}) {
      Packet packet = received();
      assertThat(packet.descriptors()).hasSize(size);
      assertThat(packet.messages()).hasSize(size);
      ids.addAll(ids(packet));
    }
    assertThat(ids).isEqualTo(LongStream.rangeClosed(1, many).boxed().toList());
  }

  @Test
  void aClientWithAStateHasAPacketForItself() throws Exception {
    for (HandoffKind kind :
        List.of(
            HandoffKind.FRESH,
            SAVED,
            ASIDE,
            SAVED,
            UNSERVED,
            UNSERVED_ASIDE,
            UNSERVED,
            HandoffKind.FRESH)) {
      place(1, kind);
    }
    pipe.sendPlaced();
    for (int descriptors : new int[] {1, 1, 2, 1, 1, 2, 1, 1}) {
      Packet packet = received();
      assertThat(packet.messages()).hasSize(1);
      assertThat(packet.descriptors()).hasSize(descriptors);
    }
  }

  @Test
  void ifThePipeIsFullNoneOfThePlacedClientsIsSent() throws Exception {
    int filled = fill();
    placeFresh(1, 2);
    assertThat(pipe.sendPlaced()).containsExactly(1L, 2L);
    assertThat(pipe.sendPlaced()).as("told once").isEmpty();
    for (int i = 0; i < filled; i++) {
      assertThat(received().messages()).containsExactly(new Ping(1));
    }
    assertThat(worker.receive()).isEqualTo(new Pipe.Empty());
  }

  @Test
  void ifThePipeIsFullTheClientThatDidNotFitIsStillPlaced() {
    fill();
    assertThat(placeFresh(1, Message.MAX_HANDOFFS + 1))
        .isEqualTo(LongStream.rangeClosed(1, Message.MAX_HANDOFFS).boxed().toList());
    assertThat(pipe.sendPlaced()).containsExactly(Message.MAX_HANDOFFS + 1L);
  }

  @Test
  void ifTheWorkerIsGoneNoneOfThePlacedClientsIsSent() {
    placeFresh(1, 2);
    worker.close();
    assertThat(pipe.sendPlaced()).containsExactly(1L, 2L);
  }

  @Test
  void aClientWithTooFewDescriptorsForItsKindIsOurOwnMistake() {
    assertThatThrownBy(() -> pipe.place(handoff(1, LISTENER, ASIDE), List.of(client.fd())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("handoff 1, Saved[")
        .hasMessageEndingWith("with 1 descriptors");
  }

  // Listeners.

  @Test
  void aListenersNumberBecomesItsIndexInTheWorkersConfiguration() throws Exception {
    for (int number : new int[] {5, 4, 9}) {
      pipe.place(handoff(number, number, HandoffKind.FRESH), List.of(client.fd()));
    }
    pipe.sendPlaced();
    assertThat(received().messages())
        .isEqualTo(
            List.of(
                handoff(5, 0, HandoffKind.FRESH),
                handoff(4, 1, HandoffKind.FRESH),
                handoff(9, 2, HandoffKind.FRESH)));
  }

  @Test
  void aListenerThatTheGenerationLacksIsOurOwnMistake() {
    assertThatThrownBy(() -> pipe.place(handoff(1, 0, HandoffKind.FRESH), List.of(client.fd())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("generation 4 has no listener 0");
  }

  @Test
  void anIndexInEveryMessageOfTheWorkerBecomesTheListenersNumber() throws Exception {
    worker.send(
        List.of(
            new Departed(0, null, 1),
            new Offended(1, KEY, 2),
            new Unsaved(3, 2, "/chat", "no"),
            report(0, 1),
            new Pong(4)),
        List.of());
    worker.send(List.of(handoff(5, 2, SAVED)), List.of(client.fd()));
    assertThat(((Packet) pipe.receive()).messages())
        .containsExactly(
            new Departed(5, null, 1),
            new Offended(LISTENER, KEY, 2),
            new Unsaved(3, 9, "/chat", "no"),
            report(5, LISTENER),
            new Pong(4));
    Packet given = (Packet) pipe.receive();
    assertThat(given.messages()).containsExactly(handoff(5, 9, SAVED));
    assertThat(given.descriptors()).hasSize(1).allMatch(Fd::isOpen);
    given.releaseDescriptors();
    assertThat(pipe.receive()).isEqualTo(new Pipe.Empty());
  }

  private static SessionReport report(int listener, int another) {
    SessionCounts counts = new SessionCounts(3, 2, 1, 5, 4);
    return new SessionReport(
        List.of(
            new ServiceSessions(listener, "", counts),
            new ServiceSessions(another, "/chat", counts)),
        counts);
  }

  @Test
  void anIndexThatTheWorkerDoesNotHaveIsMalformedAndLeaksNothing() throws Exception {
    long before = openDescriptors();
    List<Message> all =
        List.of(
            new Departed(3, null, 1),
            new Offended(3, KEY, 1),
            new Unsaved(1, 3, "", ""),
            report(0, 3),
            handoff(1, 3, SAVED));
    for (Message each : all) {
      worker.send(List.of(new Pong(1), each), List.of(client.fd()));
      assertThatThrownBy(pipe::receive)
          .isInstanceOf(MalformedMessageException.class)
          .hasMessage("listener 3 of the 3 that its generation has");
    }
    assertThat(openDescriptors()).isEqualTo(before);
  }

  // Other messages.

  @Test
  void messagesWaitWhileThePipeIsFullAndOfTwoAllowancesTheLaterCounts() throws Exception {
    int filled = fill();
    pipe.tell(allow(8));
    pipe.tell(allow(3));
    pipe.tell(new Drain(7));
    assertThat(pipe.isBlocked()).isTrue();
    for (int i = 0; i < filled; i++) {
      received();
    }
    pipe.flush();
    assertThat(pipe.isBlocked()).isFalse();
    assertThat(received().messages()).containsExactly(allow(3));
    assertThat(received().messages()).containsExactly(new Drain(7));
  }

  @Test
  void recallTakesBackHandoffsAndSaysTheRestAgainButPings() throws Exception {
    pipe.tell(new Drain(1));
    pipe.tell(new Ping(2));
    placeFresh(3, 4);
    pipe.sendPlaced();
    place(5, ASIDE);
    pipe.sendPlaced();
    pipe.tell(allow(6));
    assertThat(pipe.recall()).containsExactly(3L, 4L, 5L);
    assertThat(pipe.isBlocked()).isTrue();
    pipe.tell(new Drain(7));
    assertThat(received().messages()).containsExactly(new Drain(1));
    assertThat(received().messages()).containsExactly(allow(6));
    assertThat(received().messages()).containsExactly(new Drain(7));
    assertThat(worker.receive()).isEqualTo(new Pipe.Empty());
  }

  @Test
  void whatWasTakenBackIsSaidBeforeWhatWaitsAlready() throws Exception {
    pipe.tell(allow(5));
    fill();
    pipe.tell(allow(8));
    pipe.tell(new Drain(7));
    assertThat(pipe.recall()).isEmpty();
    pipe.flush();
    assertThat(received().messages()).containsExactly(allow(5));
    assertThat(received().messages()).containsExactly(allow(8));
    assertThat(received().messages()).containsExactly(new Drain(7));
  }

  @Test
  void onceTheWorkersEndIsClosedItsMessagesAreReceivedToTheEnd() throws Exception {
    worker.send(new Pong(1), null);
    pipe.closeTheirs();
    assertThat(((Packet) pipe.receive()).messages()).containsExactly(new Pong(1));
    assertThat(pipe.receive()).isEqualTo(new Pipe.End());
  }

  // Links between workers.

  private static final Neighbour NEIGHBOUR = new Neighbour(7, 1, 4);

  @Test
  void linksGoOutWithTheirNeighboursAndAreClosedHere() throws Exception {
    SocketPair one = SocketPair.open();
    SocketPair two = SocketPair.open();
    long before = openDescriptors();
    Neighbours both = new Neighbours(List.of(NEIGHBOUR, new Neighbour(8, 2, 4)), true);
    pipe.introduce(both, List.of(one.theirs(), two.theirs()));
    assertThat(openDescriptors()).isEqualTo(before - 2);
    Packet packet = (Packet) worker.receive();
    assertThat(packet.messages()).isEqualTo(List.of(both));
    assertThat(packet.descriptors()).hasSize(2);
    packet.releaseDescriptors();
    one.ours().release();
    two.ours().release();
  }

  @Test
  void linksThatFindThePipeFullGoOutLaterInTheirTurn() throws Exception {
    SocketPair link = SocketPair.open();
    int pings = fill();
    Neighbours message = new Neighbours(List.of(NEIGHBOUR), true);
    pipe.introduce(message, List.of(link.theirs()));
    pipe.tell(new Drain(1));
    assertThat(pipe.isBlocked()).isTrue();
    for (int i = 0; i < pings; i++) {
      received();
    }
    pipe.flush();
    assertThat(pipe.isBlocked()).isFalse();
    assertThat(received().messages()).isEqualTo(List.of(message));
    assertThat(received().messages()).isEqualTo(List.of(new Drain(1)));
    link.ours().release();
  }

  @Test
  void linksThatAreTakenBackAreSentAgain() throws Exception {
    SocketPair link = SocketPair.open();
    Neighbours message = new Neighbours(List.of(NEIGHBOUR), true);
    pipe.introduce(message, List.of(link.theirs()));
    long before = openDescriptors();
    assertThat(pipe.recall()).isEmpty();
    assertThat(openDescriptors()).as("ours until it is sent").isEqualTo(before + 1);
    pipe.flush();
    assertThat(openDescriptors()).isEqualTo(before);
    Packet packet = (Packet) worker.receive();
    assertThat(packet.messages()).isEqualTo(List.of(message));
    assertThat(packet.descriptors()).hasSize(1);
    packet.releaseDescriptors();
    link.ours().release();
  }

  @Test
  void linksThatWaitAreClosedWithThePipe() throws Exception {
    SocketPair link = SocketPair.open();
    fill();
    pipe.introduce(new Neighbours(List.of(NEIGHBOUR), true), List.of(link.theirs()));
    pipe.close();
    assertThat(link.theirs().isOpen()).isFalse();
    link.ours().release();
  }

  @Test
  void linksBeyondWhatMayWaitAreClosed() throws Exception {
    fill();
    List<SocketPair> links = new ArrayList<>();
    for (int i = 0; i < 65; i++) {
      links.add(SocketPair.open());
      pipe.introduce(new Neighbours(List.of(NEIGHBOUR), true), List.of(links.getLast().theirs()));
    }
    assertThat(links.getFirst().theirs().isOpen()).isTrue();
    assertThat(links.getLast().theirs().isOpen()).isFalse();
    links.forEach(link -> link.ours().release());
  }
}
