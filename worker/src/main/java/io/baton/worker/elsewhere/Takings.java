package io.baton.worker.elsewhere;

import io.baton.pipe.SavedForm;
import io.baton.service.SessionKey;
import io.baton.worker.elsewhere.ArrivingSessions.Arrival;
import io.baton.worker.elsewhere.TransferMessage.Dropped;
import io.baton.worker.elsewhere.TransferMessage.Fetch;
import io.baton.worker.elsewhere.TransferMessage.Part;
import io.baton.worker.elsewhere.TransferMessage.Seek;
import io.baton.worker.elsewhere.TransferMessage.Take;
import io.baton.worker.elsewhere.TransferMessage.Taken;
import io.baton.worker.memory.ByteBudget;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The taker's side of transfers, one at a time for each session.
 *
 * <pre>
 *   SEEKING ── Found ──► FETCHING ── all parts ──► RESUMING ── can ──► IN_DOUBT ── Given ──► here
 *      └── nobody: nowhere   └── Refused, late ──► later ◄── cannot ──┘   └── Refused ──► later
 *                                 too long, or the holder is gone, or this worker ends ──► lost
 * </pre>
 *
 * <p>What waits for its answer is said again. Clients are told after {@value #CLIENT_MS} ms at the
 * latest, while a session in doubt waits for longer. Pure but for its sessions. Event loop only.
 */
public final class Takings {
  /** The outcome of a search. */
  public enum Outcome {
    /** The session is in this worker, and waits for its client. */
    HERE,
    /** No worker that can be reached has it. */
    NOWHERE,
    /** It cannot be said now. */
    LATER
  }

  /** So long it is looked for; said more than once, because it may be on its way just then. */
  static final long SEEK_MS = 1_000;

  static final long CLIENT_MS = 4_000;

  /** So long a session waits whose holder may have given it, and has not said so. */
  static final long DOUBT_MS = 60_000;

  static final long AGAIN_MS = 250;

  static final int MAX = 1_024;

  /** So many connections of a client wait for the same session. */
  private static final int MAX_CLIENTS = 16;

  /** The way to workers of other machines. */
  public interface Way extends Givings.Way {
    /** Says something to all workers; returns false if it is certain that none hears it. */
    boolean sendAll(TransferMessage message);
  }

  private enum Phase {
    SEEKING,
    FETCHING,
    RESUMING,
    IN_DOUBT
  }

  private static final Logger LOG = LoggerFactory.getLogger(Takings.class);

  private final class Taking {
    private final long transfer;
    private final SessionKey key;
    private final String listener;
    private final byte[] proof;
    private final long sinceMs = nowMs;
    private final List<Consumer<Outcome>> clients = new ArrayList<>(1);
    private Phase phase = Phase.SEEKING;
    private boolean notNow;
    private long holder;
    private long saidMs = nowMs;
    private byte @Nullable [] state;
    private int parts;
    private @Nullable Arrival arrival;
    private long doubtMs;

    Taking(SessionKey key, String listener, byte[] proof) {
      this.transfer = next++;
      this.key = key;
      this.listener = listener;
      this.proof = proof;
    }

    /** Whether another client that comes with this may wait for its outcome. */
    boolean isFor(String itsListener, byte[] itsProof) {
      return ageMs() < CLIENT_MS
          && clients.size() < MAX_CLIENTS
          && listener.equals(itsListener)
          && Arrays.equals(proof, itsProof);
    }

    boolean isHeldBy(long worker) {
      return phase != Phase.SEEKING && holder == worker;
    }

    boolean isInDoubtForLong() {
      return phase == Phase.IN_DOUBT && nowMs - doubtMs >= DOUBT_MS;
    }

    /** Says what it waits for an answer to. */
    void say() {
      saidMs = nowMs;
      switch (phase) {
        case SEEKING -> way.sendAll(new Seek(transfer, key, listener));
        case FETCHING ->
            way.send(
                holder,
                state == null
                    ? new Take(transfer, key, listener, proof, form)
                    : new Fetch(transfer, parts));
        case RESUMING -> way.send(holder, new Fetch(transfer, parts)); // a sign of life
        case IN_DOUBT -> way.send(holder, new Taken(transfer));
      }
    }

    void found(long worker) {
      if (phase == Phase.SEEKING) {
        phase = Phase.FETCHING;
        holder = worker;
        say();
      }
    }

    void part(Part part) {
      if (phase != Phase.FETCHING || part.index() != parts) {
        return; // it comes again
      }
      byte[] all = state;
      if (all == null) {
        if (part.total() > Givings.MAX_STATE || !budget.hasRoom(part.total())) {
          end(Outcome.LATER);
          return;
        }
        all = new byte[part.total()];
        state = all;
        budget.add(all.length);
      }
      int at = parts * TransferMessage.PART_BYTES;
      int due = Math.min(TransferMessage.PART_BYTES, all.length - at);
      if (part.total() != all.length || part.bytes().length != due) {
        end(Outcome.LATER);
        return;
      }
      System.arraycopy(part.bytes(), 0, all, at, due);
      parts++;
      if (at + due == all.length) {
        resume(all);
      } else if (parts % Givings.PARTS == 0) {
        say();
      }
    }

    private void resume(byte[] all) {
      phase = Phase.RESUMING;
      sessions.resume(key, listener, ByteBuffer.wrap(all), this::resumed);
    }

    private void resumed(@Nullable Arrival its) {
      if (phase != Phase.RESUMING || takings.get(transfer) != this) {
        if (its != null) {
          its.abandon();
        }
      } else if (its == null) {
        end(Outcome.LATER);
      } else {
        arrival = its;
        phase = Phase.IN_DOUBT;
        doubtMs = nowMs;
        release();
        say();
      }
    }

    void given() {
      Arrival its = arrival;
      if (phase == Phase.IN_DOUBT && its != null) {
        arrival = null;
        count++;
        remove();
        its.start();
        tell(Outcome.HERE);
      }
    }

    private long ageMs() {
      return nowMs - sinceMs;
    }

    /** It is certain that the holder has not given it. */
    void refused(boolean gone) {
      letGo();
      finish(gone ? Outcome.NOWHERE : Outcome.LATER);
    }

    void end(Outcome outcome) {
      if (phase != Phase.SEEKING) {
        way.send(holder, new Dropped(transfer));
      }
      letGo();
      finish(outcome);
    }

    private void finish(Outcome outcome) {
      remove();
      tell(outcome);
    }

    private void letGo() {
      release();
      Arrival its = arrival;
      arrival = null;
      if (its != null) {
        its.abandon();
      }
    }

    private void release() {
      if (state != null) {
        budget.add(-state.length);
        state = null;
      }
    }

    private void remove() {
      takings.remove(transfer);
      byKey.remove(key);
    }

    void tell(Outcome outcome) {
      List<Consumer<Outcome>> all = List.copyOf(clients);
      clients.clear();
      all.forEach(each -> each.accept(outcome));
    }

    void tick() {
      if (phase == Phase.SEEKING && ageMs() >= SEEK_MS) {
        end(notNow ? Outcome.LATER : Outcome.NOWHERE);
      } else if (ageMs() >= CLIENT_MS && phase != Phase.IN_DOUBT) {
        end(Outcome.LATER);
      } else {
        if (ageMs() >= CLIENT_MS) {
          tell(Outcome.LATER);
        }
        if (nowMs - saidMs >= AGAIN_MS) {
          say();
        }
      }
    }
  }

  private final ArrivingSessions sessions;
  private final Way way;
  private final SavedForm form;
  private final ByteBudget budget;
  private final Map<Long, Taking> takings = new HashMap<>();
  private final Map<SessionKey, Taking> byKey = new HashMap<>();
  private long next;
  private long nowMs;
  private long count;
  private long lost;

  /**
   * @param form of saved sessions that is read here
   * @param first number of a transfer
   * @param budget without room in which a session is left where it is; what has come counts in it
   */
  public Takings(
      ArrivingSessions sessions, Way way, SavedForm form, long first, ByteBudget budget) {
    this.sessions = sessions;
    this.way = way;
    this.form = form;
    this.next = first;
    this.budget = budget;
  }

  /** Returns how many sessions were taken. */
  public long count() {
    return count;
  }

  /** Returns how many were lost because it never became known whether they were given. */
  public long lost() {
    return lost;
  }

  /** Returns how many are sought or on their way. */
  public int size() {
    return takings.size();
  }

  /** Looks for a session, and takes it; the client is told the outcome, perhaps at once. */
  void seek(SessionKey key, String listener, byte[] proof, Consumer<Outcome> client) {
    Taking its = byKey.get(key);
    if (its != null && its.isFor(listener, proof)) {
      its.clients.add(client);
      return;
    }
    if (its != null || takings.size() >= MAX) {
      client.accept(Outcome.LATER);
      return;
    }
    its = new Taking(key, listener, proof);
    if (!way.sendAll(new Seek(its.transfer, key, listener))) {
      client.accept(Outcome.LATER);
      return;
    }
    its.clients.add(client);
    takings.put(its.transfer, its);
    byKey.put(key, its);
  }

  void found(long worker, long transfer) {
    Taking its = takings.get(transfer);
    if (its != null) {
      its.found(worker);
    }
  }

  void notNow(long transfer) {
    Taking its = takings.get(transfer);
    if (its != null) {
      its.notNow = true;
    }
  }

  private @Nullable Taking of(long worker, long transfer) {
    Taking its = takings.get(transfer);
    return its != null && its.isHeldBy(worker) ? its : null;
  }

  void part(long worker, Part message) {
    Taking its = of(worker, message.transfer());
    if (its != null) {
      its.part(message);
    }
  }

  void given(long worker, long transfer) {
    Taking its = of(worker, transfer);
    if (its != null) {
      its.given();
    }
  }

  void refused(long worker, long transfer, boolean gone) {
    Taking its = of(worker, transfer);
    if (its != null) {
      its.refused(gone);
    }
  }

  /** A worker has ended: what it may have given cannot be known any more. */
  void forgotten(long worker) {
    lose(each -> each.isHeldBy(worker), "has ended before it was known whether it had given them");
  }

  /** This worker ends. */
  void end() {
    lose(_ -> true, "may have given them, and this worker ends");
  }

  /**
   * Ends some, whatever has become of them; those in doubt are lost.
   *
   * @param holder what has become of their former worker, for the operator
   */
  private void lose(Predicate<Taking> which, String holder) {
    long doubtful = all(which).stream().filter(each -> each.phase == Phase.IN_DOUBT).count();
    if (doubtful > 0) {
      lost += doubtful;
      LOG.warn(
          "sessions of another machine lost on their way here: {}; their former worker {}",
          doubtful,
          holder);
    }
    all(which).forEach(each -> each.end(Outcome.LATER));
  }

  private List<Taking> all(Predicate<Taking> which) {
    return takings.values().stream().filter(which).toList();
  }

  /** Nobody can be asked any more; sessions that are on their way wait. */
  void down() {
    all(each -> each.phase == Phase.SEEKING).forEach(each -> each.end(Outcome.LATER));
  }

  /**
   * Lets time pass.
   *
   * @param ms since the worker began
   */
  void tick(long ms) {
    nowMs = ms;
    lose(
        Taking::isInDoubtForLong,
        "has not said for %d ms whether it has given them".formatted(DOUBT_MS));
    all(_ -> true).forEach(Taking::tick);
  }
}
