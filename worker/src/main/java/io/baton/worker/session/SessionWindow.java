package io.baton.worker.session;

import io.baton.codec.Window;
import io.baton.config.Settings;
import io.baton.service.CloseReason;
import io.baton.worker.memory.Holder;
import io.baton.worker.memory.MemoryPressure;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A session's window: shut while as many messages or bytes as are allowed are unprocessed, while
 * the lane has no room, while the codec holds it shut, or while the client does not take what it is
 * sent. (A client that sends and never reads would otherwise fill our memory with its answers.)
 *
 * <p>It also knows how much of the worker's memory the session's input holds: what the codec says
 * that it holds, and the unprocessed messages. While memory is short, the window may be held back:
 * then nothing more is read, and what is here already goes on.
 *
 * <p>Reading stops only when a codec finds the window shut with a message in its hands, so that in
 * the usual case, in which the client waits for its answer, no epoll_ctl is spent on it. It stops
 * on that codec's connection only: a session may have several, each with a {@link Share}.
 */
final class SessionWindow implements Window, Holder {

  /** The session, as its window sees it. */
  interface Owner {
    SessionState state();

    boolean laneHasRoom();

    /** Where answers go. */
    SessionOutput output();

    /** Returns the bytes that were written and that the client has not taken. */
    long pending();

    /** Reads the client, or stops it, on all connections. */
    void read(boolean on);

    /** The same for the first connection. */
    void readFirst(boolean on);

    /** Lets the codec hand out what waited for the window. */
    void resumeCodec();

    /** The codec keeps back so much of what the service has sent. */
    void keepsBack(int bytes);

    /**
     * What the codec handed out without a read has come to its end.
     *
     * @param first whether the first connection waited for that
     */
    void resumed(boolean first);

    /** The window is quiet: what was under way has ended. */
    void rests();

    /** The window may be quiet: what has waited for that may come. */
    void settle();

    /** It may be the client's turn now. */
    void turnChanged();

    void end(CloseReason why);

    void endInTurn(CloseReason why);

    void abort(CloseReason why);
  }

  private final Owner owner;
  private final MemoryPressure memory;
  private final Settings.Window usual;
  private Settings.Window bounds;
  private int limit;
  private int messages;
  private int bytes;

  /** Bytes that the codec holds. */
  private int input;

  /** Bytes that it holds for companions. */
  private int shared;

  private boolean shut;
  private boolean frozen;
  private boolean heldBack;

  /** The codec on the first connection waits for the window with a message in its hands. */
  private boolean wanted;

  /** Reading that connection has stopped for that. */
  private boolean stopped;

  /** Bytes of output that the codec on the first connection keeps back. */
  private int keptBack;

  /** Of the companions that are there. */
  private List<Share> shares = List.of();

  /** While a message is handed out, the codec is not called. */
  private int handingOut;

  SessionWindow(Owner owner, MemoryPressure memory, Settings.Window usual) {
    this.owner = owner;
    this.memory = memory;
    this.usual = usual;
    this.bounds = usual;
  }

  /**
   * Sets how many messages the codec allows; the listener, or the route, may allow fewer.
   *
   * @param own the route's; null: the listener's
   */
  void limit(int codecs, Settings.@Nullable Window own) {
    bounds = own == null ? usual : own;
    limit = bounds.messages() == 0 ? codecs : Math.min(codecs, bounds.messages());
    shut = false;
  }

  // ---- for the codec ----

  @Override
  public boolean open() {
    boolean open = accepts();
    stopped = wanted;
    if (stopped) {
      owner.readFirst(false);
    }
    return open;
  }

  @Override
  public boolean accepts() {
    if (owner.state().isOver()) {
      return false; // for good: nothing resumes, and reading is the closing's matter
    }
    wanted = !couldOpen();
    return !wanted;
  }

  private boolean couldOpen() {
    return messages < limit
        && bytes < bounds.bytes()
        && !shut
        && !frozen
        && owner.state().isOpen()
        && owner.laneHasRoom()
        && outputHasRoom();
  }

  private boolean outputHasRoom() {
    SessionOutput output = owner.output();
    if (!output.isWritable()) {
      output.flush();
    }
    return output.isWritable();
  }

  @Override
  public boolean quiet() {
    return messages == 0 && !shut;
  }

  @Override
  public void shut() {
    shut = true;
  }

  @Override
  public void reopen() {
    shut = false;
    changed();
    owner.turnChanged();
  }

  @Override
  public boolean admits(long bytes) {
    return memory.admits(bytes);
  }

  @Override
  public void holds(int now) {
    int more = now - input;
    input = now;
    grewBy(more);
  }

  private void grewBy(int more) {
    if (more != 0) {
      memory.budget().add(more);
      if (more > 0) {
        memory.grew(this);
      }
    }
  }

  @Override
  public void keepsBack(int bytes) {
    keptBack = bytes;
    keptBackChanged();
  }

  private void keptBackChanged() {
    long all = keptBack;
    for (Share each : shares) {
      all += each.keptBack;
    }
    owner.keepsBack((int) Math.min(all, Integer.MAX_VALUE));
  }

  @Override
  public void end(CloseReason why) {
    if (shut) {
      owner.end(why); // the codec has said itself that its messages are done
    } else {
      owner.endInTurn(why);
    }
  }

  // ---- messages in and out ----

  /** A message is the service's from now on. */
  void entered(int size) {
    messages++;
    bytes += size;
    memory.budget().add(size);
    handingOut++;
  }

  /** The lane has the message that entered. */
  void handedOut() {
    handingOut--;
  }

  /** A message is processed. */
  void left(int size) {
    messages--;
    bytes -= size;
    memory.budget().add(-size);
    changed();
  }

  /** Returns how many messages are the service's and not processed. */
  int unprocessed() {
    return messages;
  }

  /** Lets the codec go on if it waits and the window has opened. */
  void changed() {
    if (handingOut > 0 || owner.state().isOver()) {
      return;
    }
    if (quiet()) {
      owner.rests();
    }
    while (isWanted() && couldOpen()) {
      boolean first = wanted;
      wanted = false;
      stopped = false;
      shares.forEach(Share::resumes);
      handingOut++;
      owner.resumeCodec();
      handingOut--;
      owner.resumed(first);
      if (owner.state().isOver()) {
        return;
      }
      readUnlessStopped();
    }
    owner.settle();
  }

  private boolean isWanted() {
    boolean any = wanted;
    for (Share each : shares) {
      any |= each.wanted;
    }
    return any;
  }

  // ---- reading ----

  /** Nothing is read or handed out until {@link #thaw}. */
  void freeze() {
    frozen = true;
    owner.read(false);
  }

  boolean isFrozen() {
    return frozen;
  }

  void thaw() {
    frozen = false;
    changed();
    readUnlessStopped();
  }

  @Override
  public void holdBack() {
    heldBack = true;
    if (!owner.state().isOver()) {
      owner.read(false);
    }
  }

  boolean isHeldBack() {
    return heldBack;
  }

  @Override
  public void readOn() {
    heldBack = false;
    readUnlessStopped();
    owner.turnChanged();
  }

  /** Reads the client unless something stands against it: as its carrier begins, for one. */
  void readUnlessStopped() {
    if (mayRead()) {
      if (!stopped) {
        owner.readFirst(true);
      }
      shares.forEach(Share::readUnlessStopped);
    }
  }

  /** Whether what the client sends on the first connection is read. */
  boolean isRead() {
    return !stopped && mayRead();
  }

  private boolean mayRead() {
    return !frozen && !heldBack && owner.state().isOpen();
  }

  // ---- memory ----

  /** Returns the bytes of input, decoded or not, and of output. */
  @Override
  public long held() {
    return input + shared + bytes + owner.pending();
  }

  @Override
  public long releasable() {
    return input + shared + owner.pending();
  }

  /** A client that does not take output gets no words, which would only be more of it. */
  @Override
  public void evict() {
    if (owner.state().isOver() || owner.pending() > input + shared) {
      owner.abort(CloseReason.LIMIT);
    } else {
      owner.endInTurn(CloseReason.LIMIT);
    }
  }

  /**
   * Returns the same window for the codec on a companion, whose input it counts apart.
   *
   * @param read reads the companion, or stops it
   */
  Share share(Consumer<Boolean> read) {
    Share its = new Share(read);
    shares = Stream.concat(shares.stream(), Stream.of(its)).toList();
    return its;
  }

  /** The window as a companion's codec sees it. */
  final class Share implements Window {
    private final Consumer<Boolean> read;
    private int held;
    private int keptBack;

    /** As the session's, for this connection. */
    private boolean wanted;

    private boolean stopped;

    private Share(Consumer<Boolean> read) {
      this.read = read;
    }

    @Override
    public boolean quiet() {
      return SessionWindow.this.quiet();
    }

    @Override
    public boolean open() {
      boolean open = accepts();
      stopped = wanted;
      if (stopped) {
        read.accept(false);
      }
      return open;
    }

    @Override
    public boolean accepts() {
      if (owner.state().isOver()) {
        return false;
      }
      wanted = !couldOpen();
      return !wanted;
    }

    private void resumes() {
      wanted = false;
      stopped = false;
    }

    /** Returns whether nothing stands against reading the companion. */
    boolean isRead() {
      return !stopped && mayRead();
    }

    private void readUnlessStopped() {
      if (isRead()) {
        read.accept(true);
      }
    }

    @Override
    public void shut() {
      SessionWindow.this.shut();
    }

    @Override
    public void reopen() {
      SessionWindow.this.reopen();
    }

    @Override
    public boolean admits(long bytes) {
      return SessionWindow.this.admits(bytes);
    }

    @Override
    public void holds(int now) {
      int more = now - held;
      held = now;
      shared += more;
      grewBy(more);
    }

    @Override
    public void keepsBack(int bytes) {
      if (bytes != keptBack) {
        keptBack = bytes;
        keptBackChanged();
      }
    }

    @Override
    public void end(CloseReason why) {
      SessionWindow.this.end(why);
    }

    /** The companion is over. */
    void ended() {
      holds(0);
      keepsBack(0);
      shares = shares.stream().filter(each -> !each.equals(this)).toList();
    }
  }

  /** The session is over: whatever its codec may have forgotten is held no more. */
  void ended() {
    holds(0);
    memory.ended(this);
  }
}
