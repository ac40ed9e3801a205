package io.baton.worker.session;

import io.baton.pipe.HandoffKind;
import io.baton.posix.Fd;
import io.baton.worker.migration.SavedSession;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The further connections of one session, in the order in which they came. Sessions that never had
 * one, as almost all, share {@link #NONE}.
 *
 * <p>Event loop only, except {@link #isWritable}.
 */
final class Companions implements Companion.Group, Iterable<Companion> {
  /** Those of a session that never had one. */
  static final Companions NONE = new Companions(() -> {});

  private final Runnable writabilityChanged;
  private List<Companion> present = List.of();

  /** Those that were, and are not closed yet. */
  private List<Companion> leaving = List.of();

  private volatile boolean writable = true;

  /** Waits until none is leaving. */
  private @Nullable Runnable whenAllClosed;

  /**
   * @param writabilityChanged told when the clients of all have begun to take what they are sent,
   *     or one of them takes nothing more
   */
  Companions(Runnable writabilityChanged) {
    this.writabilityChanged = writabilityChanged;
  }

  // ---- what they tell ----

  @Override
  public void joined(Companion next) {
    present = with(present, next);
  }

  @Override
  public void left(Companion former) {
    if (present.contains(former)) {
      present = without(present, former);
      leaving = with(leaving, former);
      writabilityChanged();
    }
  }

  @Override
  public void closed(Companion former) {
    leaving = without(leaving, former);
    Runnable waits = whenAllClosed;
    if (waits != null && leaving.isEmpty()) {
      whenAllClosed = null;
      waits.run();
    }
  }

  @Override
  public void writabilityChanged() {
    boolean all = present.stream().allMatch(Companion::isWritable);
    if (all != writable) {
      writable = all;
      writabilityChanged.run();
    }
  }

  private static List<Companion> with(List<Companion> some, Companion one) {
    return Stream.concat(some.stream(), Stream.of(one)).toList();
  }

  private static List<Companion> without(List<Companion> some, Companion one) {
    return some.stream().filter(each -> !each.equals(one)).toList();
  }

  // ---- all of them ----

  @Override
  public Iterator<Companion> iterator() {
    return present.iterator();
  }

  boolean isEmpty() {
    return present.isEmpty();
  }

  int size() {
    return present.size();
  }

  /** Returns whether none has more output than its high-water mark. Any thread. */
  boolean isWritable() {
    return writable;
  }

  /** Returns the bytes that were written and that the clients have not taken. */
  long pending() {
    long pending = 0;
    for (Companion each : present) {
      pending += each.pending();
    }
    return pending;
  }

  // ---- their way to another worker ----

  /** Returns what the manager is to know of them. */
  List<HandoffKind.Companion> inHandoff() {
    return present.stream().map(Companion::inHandoff).toList();
  }

  /** Returns why one of them cannot move for the time being; null if all can. */
  @Nullable String whyItStays() {
    String why = null;
    for (Companion each : present) {
      why = why == null ? each.whyItStays() : why;
    }
    return why;
  }

  /** Returns whether the codec of each can be saved now. */
  boolean canSaveCodecs() {
    return present.stream().allMatch(each -> each.saveCodec().isPresent());
  }

  /** Returns all that the next worker needs of them; empty if one of them cannot move now. */
  Optional<List<SavedSession>> save() {
    List<SavedSession> all = new ArrayList<>(present.size());
    for (Companion each : present) {
      Optional<SavedSession> saved = each.save();
      if (saved.isEmpty()) {
        return Optional.empty();
      }
      all.add(saved.get());
    }
    return Optional.of(all);
  }

  /** Lends their descriptors behind others, which nobody may close or keep. */
  <T> T lend(List<Fd> first, Function<List<Fd>, T> use) {
    return lend(first, present, use);
  }

  private static <T> T lend(List<Fd> lent, List<Companion> others, Function<List<Fd>, T> use) {
    if (others.isEmpty()) {
      return use.apply(lent);
    }
    return others
        .getFirst()
        .lend(its -> {
          List<Fd> more = new ArrayList<>(lent);
          more.addAll(its);
          return lend(more, others.subList(1, others.size()), use);
        });
  }

  // ---- those that leave ----

  /** Runs this once those that leave are closed; the session is over. */
  void whenAllClosed(Runnable then) {
    if (leaving.isEmpty()) {
      then.run();
    } else {
      whenAllClosed = then;
    }
  }

  /** Closes those that leave. */
  void closeLeaving() {
    leaving.forEach(Companion::close);
  }
}
