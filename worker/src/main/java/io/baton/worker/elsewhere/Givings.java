package io.baton.worker.elsewhere;

import io.baton.worker.elsewhere.HeldSessions.Answer;
import io.baton.worker.elsewhere.HeldSessions.Frozen;
import io.baton.worker.elsewhere.HeldSessions.Wish;
import io.baton.worker.elsewhere.TransferMessage.Found;
import io.baton.worker.elsewhere.TransferMessage.Given;
import io.baton.worker.elsewhere.TransferMessage.NotNow;
import io.baton.worker.elsewhere.TransferMessage.Part;
import io.baton.worker.elsewhere.TransferMessage.Refused;
import io.baton.worker.elsewhere.TransferMessage.Seek;
import io.baton.worker.elsewhere.TransferMessage.Take;
import io.baton.worker.memory.ByteBudget;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The holder's side of transfers.
 *
 * <pre>
 *   Take ──► FREEZING ── saved ──► SENT ── Taken, and nothing has changed ──► GIVEN ──► forgotten
 *               │                       └── Dropped, or nothing heard for {@value #HOLD_MS} ms:
 *               │                           the session goes on here
 *               └── cannot, or no room for it in the budget ──► Refused: it goes on here, too
 * </pre>
 *
 * <p>From GIVEN on the session is the taker's, and each further Taken is answered again. What is
 * not known is refused, so that a taker whose word came too late lets its copy go: there is one
 * owner at any moment, or none. Pure but for its sessions. Event loop only.
 */
public final class Givings {
  /** So long a session is kept frozen while nothing is heard of its taker. */
  static final long HOLD_MS = 5_000;

  /** So long it is remembered that a session was given; takers do not ask for longer. */
  static final long REMEMBER_MS = 120_000;

  static final int MAX = 1_024;

  /** So many transfers that are over are remembered, of those given and of others. */
  private static final int MAX_OVER = 16_384;

  /** So many parts are sent at once. */
  static final int PARTS = 16;

  /** The way to a worker of another machine. */
  public interface Way {
    boolean send(long worker, TransferMessage message);
  }

  private record Id(long taker, long transfer) {}

  private final class Giving implements HeldSessions.Listener {
    private final Id id;
    private @Nullable Frozen session;
    private @Nullable ByteBuffer state;
    private long heardMs;

    Giving(Id id, long nowMs) {
      this.id = id;
      this.heardMs = nowMs;
    }

    @Override
    public boolean saved(ByteBuffer its) {
      if (!budget.hasRoom(its.remaining())) {
        return false;
      }
      state = its;
      budget.add(its.remaining());
      send(0);
      return true;
    }

    @Override
    public void cannot() {
      if (givings.remove(id, this)) {
        spoil();
        release();
        refuse(id, false);
      }
    }

    /** Its taker may have some parts, to which those of another state must not be added. */
    private void spoil() {
      if (state != null) {
        remember(id, spoiled);
      }
    }

    void send(int from) {
      ByteBuffer all = state;
      if (all == null) {
        return;
      }
      for (int i = from; i < from + PARTS; i++) {
        long start = (long) i * TransferMessage.PART_BYTES;
        if (start >= all.remaining()) {
          return;
        }
        byte[] bytes =
            new byte[(int) Math.min(TransferMessage.PART_BYTES, all.remaining() - start)];
        all.get(all.position() + (int) start, bytes);
        if (!way.send(id.taker, new Part(id.transfer, i, all.remaining(), bytes))) {
          return; // it will be fetched
        }
      }
    }

    void thaw() {
      release();
      if (session != null) {
        session.thaw();
      }
    }

    void release() {
      if (state != null) {
        budget.add(-state.remaining());
        state = null;
      }
    }
  }

  /** The longest session that is given, in bytes. */
  public static final int MAX_STATE = 64 * 1024 * 1024;

  private final HeldSessions sessions;
  private final Way way;
  private final ByteBudget budget;
  private final Map<Id, Giving> givings = new LinkedHashMap<>();

  /** When they were given, in this order. */
  private final Map<Id, Long> given = new LinkedHashMap<>();

  /** When the parts of these became useless, in this order: they do not begin again. */
  private final Map<Id, Long> spoiled = new LinkedHashMap<>();

  private long nowMs;
  private long count;

  /**
   * @param budget without room in which a session stays; saved ones count in it
   */
  public Givings(HeldSessions sessions, Way way, ByteBudget budget) {
    this.sessions = sessions;
    this.way = way;
    this.budget = budget;
  }

  /** Returns how many sessions were given. */
  public long count() {
    return count;
  }

  /** Returns how many are on their way. */
  public int size() {
    return givings.size();
  }

  void sought(long taker, Seek message) {
    switch (sessions.standing(message.key(), message.listener())) {
      case HERE -> way.send(taker, new Found(message.transfer()));
      case NOT_NOW -> way.send(taker, new NotNow(message.transfer()));
      case NOT_HERE -> {
        // Silence is cheaper: most workers do not have it.
      }
    }
  }

  void asked(long taker, Take message) {
    Id id = new Id(taker, message.transfer());
    Giving known = givings.get(id);
    if (known != null) {
      known.heardMs = nowMs;
      known.send(0);
    } else if (given.containsKey(id) || givings.size() >= MAX) {
      answer(id);
    } else {
      Wish wish = new Wish(message.key(), message.listener(), message.proof(), message.form());
      begin(id, wish);
    }
  }

  private void begin(Id id, Wish wish) {
    if (spoiled.containsKey(id) || budget.isTight()) {
      refuse(id, false);
      return;
    }
    Giving begun = new Giving(id, nowMs);
    givings.put(id, begun);
    switch (sessions.freeze(wish, begun)) {
      case Answer.Freezing(Frozen session) -> begun.session = session;
      case Answer.Refusal(boolean gone) -> {
        givings.remove(id);
        refuse(id, gone);
      }
    }
  }

  private void refuse(Id id, boolean gone) {
    way.send(id.taker, new Refused(id.transfer, gone));
  }

  void fetched(long taker, long transfer, int from) {
    Id id = new Id(taker, transfer);
    Giving its = givings.get(id);
    if (its == null) {
      answer(id);
    } else if (from >= 0) {
      its.heardMs = nowMs;
      its.send(from);
    }
  }

  /** Says of a transfer that is over, or that is not known, what has become of it. */
  private void answer(Id id) {
    if (given.containsKey(id)) {
      way.send(id.taker, new Given(id.transfer));
    } else {
      refuse(id, false);
    }
  }

  void taken(long taker, long transfer) {
    Id id = new Id(taker, transfer);
    Giving its = givings.get(id);
    if (its != null && its.state != null && its.session != null) {
      givings.remove(id);
      its.release();
      if (its.session.give()) {
        count++;
        remember(id, given);
        way.send(taker, new Given(transfer));
      } else {
        refuse(id, false);
      }
    } else {
      answer(id);
    }
  }

  private void remember(Id id, Map<Id, Long> over) {
    over.put(id, nowMs);
    if (over.size() > MAX_OVER) {
      Iterator<Id> eldest = over.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
  }

  void dropped(long taker, long transfer) {
    Giving its = givings.remove(new Id(taker, transfer));
    if (its != null) {
      its.thaw();
    }
  }

  /** A worker has ended. */
  void forgotten(long taker) {
    givings.values().stream()
        .filter(each -> each.id.taker == taker)
        .toList()
        .forEach(each -> dropped(taker, each.id.transfer));
  }

  /**
   * Lets time pass.
   *
   * @param ms since the worker began
   */
  void tick(long ms) {
    nowMs = ms;
    givings.values().stream()
        .filter(each -> ms - each.heardMs > HOLD_MS)
        .toList()
        .forEach(each -> {
          givings.remove(each.id);
          each.spoil();
          each.thaw();
        });
    forget(given);
    forget(spoiled);
  }

  private void forget(Map<Id, Long> over) {
    Iterator<Long> times = over.values().iterator();
    while (times.hasNext() && nowMs - times.next() > REMEMBER_MS) {
      times.remove();
    }
  }
}
