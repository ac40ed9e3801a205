package io.baton.worker;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.PeerKey;
import io.baton.pipe.Pipe;
import io.baton.pipe.Refusal;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.service.SessionKey;
import io.baton.worker.elsewhere.ArrivingSessions;
import io.baton.worker.elsewhere.Takings;
import io.baton.worker.elsewhere.Transfers;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.migration.MigrationScheduler;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.pipe.Adopter;
import io.baton.worker.session.RemoteSearch;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of this worker whose sessions are being looked for on other machines. Each is
 * what it would be on its way to another worker: a descriptor and a state. Once the outcome is
 * known, it goes on here as if it came from one. Event loop only.
 */
final class SoughtConnections implements RemoteSearch, ArrivingSessions {
  /** The most of them, and of a peer. */
  private static final int MAX = 1_024;

  private static final int MAX_OF_PEER = 16;

  private static final Logger LOG = LoggerFactory.getLogger(SoughtConnections.class);

  /** This worker, where connections and sessions go on. */
  interface Place {
    /** Returns the name of a listener. */
    String listener(int index);

    /**
     * As {@link Adopter#adopt(Handoff, ByteBuffer, Fd)}, for a connection whose session was looked
     * for on other machines, too.
     */
    Adopter.Connection adoptSought(Handoff handoff, ByteBuffer state, Fd descriptor);

    /** A connection that was to be adopted is closed instead. */
    void departed(Handoff handoff);

    /** As {@link Adopter#resume}, for a session that waits for its client. */
    void resumeAway(Handoff handoff, SavedSession saved, Adopter.Verdict verdict);

    /** A session of another machine is here from now on, and waits for its client. */
    void awayArrived(Handoff handoff);
  }

  private final Place place;
  private final EventLoop loop;
  private final ByteBudget budget;
  private final UnaryOperator<Runnable> guard;
  private final Map<SessionKey, Handoff> wanted = new HashMap<>();
  private final Map<PeerKey, Integer> peers = new HashMap<>();
  private int count;
  private @Nullable Transfers transfers;

  SoughtConnections(Place place, EventLoop loop, ByteBudget budget, UnaryOperator<Runnable> guard) {
    this.place = place;
    this.loop = loop;
    this.budget = budget;
    this.guard = guard;
  }

  void begin(Transfers on) {
    transfers = on;
  }

  /** Whether none is looked for or about to go on, and no session is on its way here. */
  boolean isEmpty() {
    return count == 0 && (transfers == null || transfers.isIdle());
  }

  @Override
  public boolean isOn(SessionKey key) {
    return transfers != null && !key.isShort();
  }

  @Override
  public MigrationScheduler.Way way(ByteBuffer proof) {
    byte[] bytes = new byte[proof.remaining()];
    proof.duplicate().get(bytes);
    return (handoff, descriptors) -> take(handoff, descriptors.getFirst(), bytes);
  }

  private Pipe.Sent take(Handoff handoff, Fd lent, byte[] proof) {
    Transfers on = transfers;
    PeerKey peer = PeerKey.of(handoff.peer());
    if (on == null
        || budget.isTight()
        || count >= MAX
        || peers.getOrDefault(peer, 0) >= MAX_OF_PEER) {
      return Pipe.Sent.FULL;
    }
    Sought sought;
    try {
      sought = new Sought(handoff, lent.duplicate());
    } catch (PosixException e) {
      LOG.warn("a client's session cannot be looked for on other machines: {}", e.getMessage());
      return Pipe.Sent.FULL;
    }
    sought.enter();
    on.seek(sought.kind.wanted(), place.listener(handoff.listener()), proof, sought::found);
    return Pipe.Sent.YES;
  }

  private final class Sought {
    private final Handoff handoff;
    private final Unserved kind;
    private final ByteBuffer state;
    private final Fd client;

    Sought(Handoff handoff, Fd client) {
      this.handoff = handoff;
      this.client = client;
      this.kind = (Unserved) handoff.kind();
      this.state = ((HandoffKind.State.Inline) kind.state()).bytes();
    }

    private void enter() {
      count++;
      budget.add(state.remaining());
      peers.merge(PeerKey.of(handoff.peer()), 1, Integer::sum);
      wanted.putIfAbsent(kind.wanted(), handoff);
    }

    private void leave() {
      count--;
      budget.add(-state.remaining());
      peers.computeIfPresent(
          PeerKey.of(handoff.peer()), (_, n) -> n == 1 ? null : Integer.valueOf(n - 1));
      wanted.remove(kind.wanted(), handoff);
    }

    /** In a turn of its own: the connection may just be leaving its channel. */
    void found(Takings.Outcome outcome) {
      loop.execute(guard.apply(() -> goOn(outcome)));
    }

    private void goOn(Takings.Outcome outcome) {
      leave();
      Search search = outcome == Takings.Outcome.NOWHERE ? Search.NOWHERE : Search.UNANSWERED;
      Adopter.Connection connection;
      try {
        connection = place.adoptSought(handoff.as(kind.after(search)), state, client);
      } catch (RuntimeException | LinkageError e) {
        LOG.error("the connection of {} cannot go on and is closed", handoff.peer(), e);
        client.end();
        place.departed(handoff);
        return;
      }
      connection.start();
    }
  }

  @Override
  public void resume(
      SessionKey key, String listener, ByteBuffer state, Consumer<@Nullable Arrival> resumed) {
    Handoff client = wanted.get(key);
    if (client == null) {
      resumed.accept(null);
      return;
    }
    Handoff facts = null;
    try {
      SavedSession saved = SavedSession.decode(state);
      HandoffKind.Saved kind =
          HandoffKind.saved(saved.protocol(), ByteBuffer.allocate(0)).under(key, true);
      facts = client.as(kind);
      place.resumeAway(facts, saved, new Verdict(facts, resumed));
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("a session of another machine cannot go on here: {}", e.toString());
      resumed.accept(null);
    }
  }

  private final class Verdict implements Adopter.Verdict {
    private final Handoff session;
    private final Consumer<@Nullable Arrival> resumed;

    Verdict(Handoff session, Consumer<@Nullable Arrival> resumed) {
      this.session = session;
      this.resumed = resumed;
    }

    @Override
    public void taken(Adopter.Connection connection) {
      resumed.accept(new Arrived(session, connection));
    }

    @Override
    public void refused(Refusal why, String reason) {
      LOG.warn("a session of another machine cannot go on here: {}", reason);
      resumed.accept(null);
    }
  }

  private final class Arrived implements Arrival {
    private final Handoff session;
    private final Adopter.Connection connection;

    Arrived(Handoff session, Adopter.Connection connection) {
      this.session = session;
      this.connection = connection;
    }

    @Override
    public void start() {
      place.awayArrived(session);
      connection.start();
    }

    @Override
    public void abandon() {
      connection.abandon();
    }
  }
}
