package io.baton.manager.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.fleet.Event;
import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.TestSettings;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Pong;
import io.baton.pipe.Neighbour;
import io.baton.pipe.Pipe;
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
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The worker's end of the pipe is the test's. */
class WorkerMessagesTest {
  private static final long WORKER = 7;
  private static final Peer PEER = new Peer.Unix(1, 0);
  private static final HandoffKind.Saved SAVED =
      HandoffKind.saved("/chat", ByteBuffer.wrap(new byte[] {1, 2, 3}).asReadOnlyBuffer());
  private static final HandoffKind.Saved ASIDE = HandoffKind.savedAside("/chat");
  private static final SessionKey KEY = new SessionKey(1, 2);
  private static final HandoffKind.Unserved UNSERVED =
      new HandoffKind.Unserved(KEY, HandoffKind.Search.ASK, SAVED.state());
  private static final HandoffKind.Unserved UNSERVED_ASIDE =
      new HandoffKind.Unserved(KEY, HandoffKind.Search.ASK, ASIDE.state());

  /** Its three listeners are known by these numbers. */
  private static final Generation GENERATION =
      new Generation(4, TestSettings.with(1, 3), List.of(5, 0, 9), 10);

  private final List<Event> events = new ArrayList<>();
  private final List<Supplier<Event>> waiting = new ArrayList<>();
  private final List<Long> kept = new ArrayList<>();
  private final List<Fd> keptDescriptors = new ArrayList<>();
  private final WorkerMessages messages =
      new WorkerMessages(
          made -> waiting.add(made),
          (id, _, descriptors, _) -> {
            if (kept.contains(id)) {
              return false;
            }
            keptDescriptors.addAll(descriptors);
            return kept.add(id);
          });

  private Pipe worker;
  private EventFd something;
  private WorkerProcess process;

  @BeforeEach
  void open() throws PosixException {
    SocketPair pair = SocketPair.open();
    worker = new Pipe(pair.theirs(), Pipe.newFrame());
    something = new EventFd();
    WorkerPipe pipe =
        new WorkerPipe(
            GENERATION, UnaryOperator.identity(), new Pipe(pair.ours(), Pipe.newFrame()), worker);
    process = new WorkerProcess(new Neighbour(WORKER, 0, 1), 4711, something.fd(), pipe, null);
  }

  @AfterEach
  void close() {
    process.pipe().close();
    something.close();
    keptDescriptors.forEach(Fd::close);
  }

  private static long descriptors() throws Exception {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  private static Handoff handoff(long id, int listener, HandoffKind kind) {
    return new Handoff(id, listener, PEER, kind);
  }

  /** The worker sends this, with so many descriptors. */
  private void sends(Message message, int descriptors) {
    assertThat(
            worker.send(
                List.of(message), List.of(something.fd(), something.fd()).subList(0, descriptors)))
        .isEqualTo(Pipe.Sent.YES);
    messages.receive(process, 64);
    happen();
  }

  private void happen() {
    waiting.forEach(made -> events.add(made.get()));
    waiting.clear();
  }

  /** A short connection may be taken and given within one look at the pipe. */
  @Test
  void aGivenConnectionIsOwnedOnceTheMessagesBeforeItHaveHappened() {
    worker.send(new Message.Taken(12), null);
    worker.send(List.of(handoff(12, 0, SAVED)), List.of(something.fd()));
    messages.receive(process, 64);
    assertThat(kept).isEmpty();

    happen();
    assertThat(kept).containsExactly(12L);
    assertThat(events)
        .containsExactly(
            new Event.Said(WORKER, new Message.Taken(12)),
            new Event.Given(WORKER, 12, 5, PEER, SAVED));
  }

  @Test
  void aGivenConnectionIsOwnedBeforeItsEventAndToldByItsListenersNumber() {
    sends(handoff(12, 0, SAVED), 1);
    sends(handoff(13, 2, ASIDE), 2);
    assertThat(kept).containsExactly(12L, 13L);
    assertThat(keptDescriptors).hasSize(3).allMatch(Fd::isOpen);
    assertThat(events)
        .containsExactly(
            new Event.Given(WORKER, 12, 5, PEER, SAVED),
            new Event.Given(WORKER, 13, 9, PEER, ASIDE));
  }

  @Test
  void aConnectionWhoseClientSeeksASessionIsOwnedBeforeItsEventAndToldByItsListenersNumber() {
    sends(handoff(12, 0, UNSERVED), 1);
    sends(handoff(13, 2, UNSERVED_ASIDE), 2);
    sends(handoff(14, 1, SAVED.under(KEY, false)), 1);
    assertThat(kept).containsExactly(12L, 13L, 14L);
    assertThat(keptDescriptors).hasSize(4).allMatch(Fd::isOpen);
    assertThat(events)
        .containsExactly(
            new Event.Sought(WORKER, 12, 5, PEER, UNSERVED),
            new Event.Sought(WORKER, 13, 9, PEER, UNSERVED_ASIDE),
            new Event.Given(WORKER, 14, 0, PEER, SAVED.under(KEY, false)));
  }

  @Test
  void departuresAreToldByTheirListenersNumber() {
    sends(new Departed(1, null, 3), 0);
    assertThat(events).containsExactly(new Event.Said(WORKER, new Departed(0, null, 3)));
  }

  @Test
  void aPacketThatNoWorkerSendsIsGarbledAndLeaksNoDescriptor() throws Exception {
    sends(handoff(1, 0, SAVED), 1);
    events.clear();
    long before = descriptors();

    assertGarbled(
        handoff(2, 0, HandoffKind.FRESH), 1, "a client as only a manager sends one: Fresh");
    assertGarbled(
        handoff(2, 0, HandoffKind.BEYOND_LIMIT),
        1,
        "a client as only a manager sends one: BeyondLimit");
    assertGarbled(
        handoff(2, 0, ASIDE.returning()), 2, "a client as only a manager sends one: Saved");
    for (HandoffKind.Search answer :
        List.of(HandoffKind.Search.NOWHERE, HandoffKind.Search.UNANSWERED)) {
      assertGarbled(
          handoff(2, 0, UNSERVED.after(answer)),
          1,
          "a client as only a manager sends one: Unserved");
    }
    assertGarbled(handoff(2, 0, UNSERVED), 0, "a client with 0 descriptors instead of 1");
    assertGarbled(handoff(2, 0, UNSERVED), 2, "a client with 2 descriptors instead of 1");
    assertGarbled(handoff(2, 0, UNSERVED_ASIDE), 1, "a client with 1 descriptors instead of 2");
    assertGarbled(handoff(1, 0, UNSERVED), 1, "client 1, which it cannot have had");
    assertGarbled(handoff(2, 0, SAVED), 0, "a client with 0 descriptors instead of 1");
    assertGarbled(handoff(2, 0, SAVED), 2, "a client with 2 descriptors instead of 1");
    assertGarbled(handoff(2, 0, ASIDE), 1, "a client with 1 descriptors instead of 2");
    assertGarbled(handoff(2, 3, SAVED), 1, "listener 3 of the 3 that its generation has");
    assertGarbled(handoff(1, 0, SAVED), 1, "client 1, which it cannot have had");
    assertGarbled(new Departed(3, null, 1), 0, "listener 3 of the 3 that its generation has");
    assertGarbled(new Pong(1), 1, "a descriptor without a client");

    assertThat(kept).containsExactly(1L);
    assertThat(descriptors()).isEqualTo(before);
  }

  private void assertGarbled(Message message, int descriptors, String what) {
    sends(message, descriptors);
    assertThat(events).containsExactly(new Event.Garbled(WORKER, what));
    events.clear();
  }

  @Test
  void aPacketWithAClientAmongOtherMessagesIsGarbledAsAWhole() {
    worker.send(List.of(new Pong(1), handoff(2, 0, SAVED)), List.of(something.fd()));
    messages.receive(process, 64);
    happen();
    assertThat(events).hasSize(1).first().isInstanceOf(Event.Garbled.class);
    assertThat(kept).isEmpty();
  }
}
