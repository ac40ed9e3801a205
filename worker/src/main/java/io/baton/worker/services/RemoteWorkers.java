package io.baton.worker.services;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Offers;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.worker.memory.MemoryAccount;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The workers of other machines, as neighbours of a {@link ServiceRouter}.
 *
 * <p>What two of them say may arrive in either order. So when one says that it leaves, or
 * withdraws, this is held back until the router knows its successor in the slot, or for {@value
 * ServiceLimits#SUCCESSOR_MS} ms if there is none: it answers what it is asked until then.
 *
 * <p>What a worker has said may come late, or once more, from anybody who has heard it. So a list
 * of offers that is older than the last one, any list after a withdrawal, and a question with a
 * number that is not new are ignored until the worker is forgotten.
 *
 * <p>Names that they offer are booked; those for which there is no memory are ignored, until they
 * are said again. For one thread.
 */
public final class RemoteWorkers {
  private static final long SERVES = Long.MIN_VALUE;

  private static final class Remote {
    private final long machine;
    private boolean isHere;
    private @Nullable Offers offers;

    /** Until when its successor is waited for; {@link #SERVES} if it does not leave. */
    private long waitUntilMs = SERVES;

    private final Deque<MeshMessage> heldBack = new ArrayDeque<>(2);
    private long bytes;

    /** Its questions have rising numbers. */
    private long lastQuestion;

    /** Its lists of what it offers have, too. */
    private long lastOffers;

    private boolean hasWithdrawn;

    Remote(long machine) {
      this.machine = machine;
    }

    boolean isAt(long itsMachine, int slot) {
      return machine == itsMachine && offers != null && offers.slot() == slot;
    }

    boolean serves() {
      return waitUntilMs == SERVES;
    }

    /** Whether a list is its last one, and neither came late nor was sent once more. */
    boolean isLatest(Offers list) {
      return list.n() > lastOffers && !hasWithdrawn;
    }
  }

  private final ServiceRouter router;
  private final MemoryAccount memory;
  private final long successorMs;
  private final Map<Long, Remote> workers = new HashMap<>();

  /** Those of which something is held back. */
  private final Map<Long, Remote> holding = new LinkedHashMap<>();

  public RemoteWorkers(ServiceRouter router, MemoryAccount memory) {
    this(router, memory, ServiceLimits.SUCCESSOR_MS);
  }

  /** The same with another patience. */
  RemoteWorkers(ServiceRouter router, MemoryAccount memory, long successorMs) {
    this.router = router;
    this.memory = memory;
    this.successorMs = successorMs;
  }

  /** A worker is there, for the first time or again. */
  public void appeared(long worker, long machine) {
    workers.computeIfAbsent(worker, _ -> new Remote(machine)).isHere = true;
    router.introduced(worker, machine);
  }

  /** A worker has ended, or is silent. */
  public void vanished(long worker) {
    Remote its = workers.get(worker);
    if (its != null && its.isHere) {
      its.isHere = false;
      its.waitUntilMs = SERVES;
      its.heldBack.clear();
      holding.remove(worker);
      offersNothing(its);
      router.died(worker);
    }
  }

  /** A worker that has vanished does not come back; who has its numbers may seem to be it. */
  public void forgotten(long worker) {
    workers.remove(worker);
  }

  /** A worker that is there has said something. */
  public void received(long from, MeshMessage message, long nowMs) {
    Remote its = workers.get(from);
    if (its == null || !its.isHere) {
      return;
    }
    switch (message) {
      case Offers offers -> {
        if (its.isLatest(offers)) {
          its.lastOffers = offers.n();
          latest(from, its, offers, nowMs);
        }
      }
      case Withdraw withdraw -> {
        its.hasWithdrawn = true;
        its.heldBack.removeIf(Withdraw.class::isInstance);
        leaves(from, its, withdraw, nowMs);
      }
      case Ask ask -> {
        if (ask.question() > its.lastQuestion) { // or somebody has sent it once more
          its.lastQuestion = ask.question();
          router.received(from, ask, nowMs);
        }
      }
      default -> router.received(from, message, nowMs);
    }
  }

  private void latest(long from, Remote its, Offers offers, long nowMs) {
    if (offers.leaving()) {
      its.heldBack.removeIf(Offers.class::isInstance);
      leaves(from, its, offers, nowMs);
    } else {
      its.heldBack.clear();
      holding.remove(from);
      its.waitUntilMs = SERVES;
      offered(from, its, offers, nowMs);
      succeeded(its, offers.slot(), nowMs);
    }
  }

  /** Tells the router what a worker offers, without names for which there is no memory. */
  private void offered(long from, Remote its, Offers offers, long nowMs) {
    long bytes = bytes(offers);
    memory.release(its.bytes);
    its.bytes = memory.reserve(bytes) ? bytes : 0;
    Offers known =
        its.bytes == bytes
            ? offers
            : new Offers(offers.n(), offers.slot(), offers.leaving(), offers.load(), List.of());
    its.offers = known;
    router.received(from, known, nowMs);
  }

  private static long bytes(Offers offers) {
    long sum = 0;
    for (String each : offers.names()) {
      sum += ServiceLimits.NAME_BYTES + each.length() * (long) Character.BYTES;
    }
    return sum;
  }

  private void leaves(long from, Remote its, MeshMessage message, long nowMs) {
    boolean isFirstWord = its.offers == null;
    if (its.serves()) {
      its.waitUntilMs = nowMs + successorMs;
    }
    if (isFirstWord || nowMs >= its.waitUntilMs || hasSuccessor(its)) {
      tellHeldBack(from, nowMs);
      tell(from, its, message, nowMs);
    } else {
      its.heldBack.add(message);
      holding.put(from, its);
    }
  }

  private boolean hasSuccessor(Remote its) {
    int slot = its.offers == null ? -1 : its.offers.slot();
    return workers.values().stream()
        .anyMatch(other -> other != its && other.isAt(its.machine, slot) && other.serves());
  }

  private void tell(long from, Remote its, MeshMessage message, long nowMs) {
    if (message instanceof Offers offers) {
      offered(from, its, offers, nowMs);
    } else {
      offersNothing(its);
      router.received(from, message, nowMs);
    }
  }

  private void offersNothing(Remote its) {
    memory.release(its.bytes);
    its.bytes = 0;
    its.offers = null;
  }

  private void tellHeldBack(long from, long nowMs) {
    Remote its = holding.remove(from);
    while (its != null && !its.heldBack.isEmpty()) {
      tell(from, its, its.heldBack.remove(), nowMs);
    }
  }

  /** A worker serves in this slot: those that leave it need not be asked any more. */
  private void succeeded(Remote successor, int slot, long nowMs) {
    List<Long> former =
        holding.entrySet().stream()
            .filter(each -> each.getValue().isAt(successor.machine, slot))
            .map(Map.Entry::getKey)
            .toList();
    former.forEach(each -> tellHeldBack(each, nowMs));
  }

  /** Says the time, ten times a second or more often. */
  public void tick(long nowMs) {
    List<Long> alone =
        holding.entrySet().stream()
            .filter(each -> nowMs >= each.getValue().waitUntilMs)
            .map(Map.Entry::getKey)
            .toList();
    alone.forEach(each -> tellHeldBack(each, nowMs));
  }
}
