package io.baton.link.service;

import static java.util.Objects.requireNonNull;

import io.baton.link.Ending;
import io.baton.link.Transfer;
import io.baton.link.clock.ClockEstimate;
import io.baton.link.clock.SampledClock;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.stream.CoreAccess;
import io.baton.link.stream.SessionStreams;
import io.baton.service.CloseReason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a service's core: what the core reads becomes input of the service, what the
 * service sends becomes output of the core. Bytes, time and threads are its owner's.
 *
 * <pre>
 *   LinkCore ──events──► inputs, counted until they are processed ──► service
 *   LinkCore ◄── messages, asks, streams ◄── outputs ◄──────────────── service
 * </pre>
 *
 * <p>It lives as long as the session does in one process, over all connections; {@link #save} and
 * {@link #restore} take it to another one. By the session's thread only, except for {@link #run}.
 */
public final class SessionDriver implements CoreAccess {

  /** The driver's surroundings. By the session's thread only, except where it says otherwise. */
  public interface Owner {
    /** Returns whether the service takes an input now; if not, {@link #resume} is called later. */
    boolean accepts();

    /** Gives an input to the service; {@link #processed} is called when it is processed. */
    void handOut(LinkInput input);

    /** Learns that the session is over and the service has been given all of it. */
    void over(int code);

    /** Learns that there may be something to write, or a time to ask for. */
    void changed();

    /** Runs a task in the session's thread, soon. Any thread. */
    void execute(Runnable task);

    /** Tells whether the current thread is the session's. Any thread. */
    boolean isCurrent();
  }

  private final LongSupplier nanoTime;
  private final CoreOutput output = new CoreOutput();
  private final Events events = new Events();
  private final Sizes unprocessed;

  /** Inputs that are not of the core's messages, until the service takes them. */
  private List<LinkInput> untold = Collections.emptyList();

  /** From the first stream on. */
  private @Nullable SessionStreams streams;

  /** From the first question on. */
  private @Nullable Asks asks;

  private volatile Owner owner;
  private @Nullable LinkCore core;
  private @Nullable SampledClock clock;
  private @Nullable UntoldTransfers last;

  /** The end, as one of the two sides has said it first. */
  private @Nullable Ending said;

  /** The service has closed the session. */
  private boolean closing;

  private boolean reading;

  /** The connection was lost because of what is being read. */
  private boolean lost;

  /** The code of the end that the owner is to learn of. */
  private @Nullable Integer over;

  private boolean ended;

  private SessionDriver(Owner owner, Sizes unprocessed, LongSupplier nanoTime) {
    this.owner = owner;
    this.unprocessed = unprocessed;
    this.nanoTime = nanoTime;
  }

  /**
   * Makes that of a new session.
   *
   * @param nanoTime the monotonic clock that the other side is told
   */
  public static SessionDriver begin(LinkCore core, Owner owner, LongSupplier nanoTime) {
    SessionDriver driver = new SessionDriver(owner, new Sizes(), nanoTime);
    driver.core = core;
    return driver;
  }

  /**
   * Makes that of a session from another process, whose questions nobody waits for any more.
   *
   * @throws IllegalArgumentException if the bytes are not those of {@link #save}
   */
  public static SessionDriver restore(byte[] saved, Owner owner, LongSupplier nanoTime) {
    SavedDriver parts = SavedDriver.read(saved);
    SessionDriver driver = new SessionDriver(owner, parts.unprocessed(), nanoTime);
    SessionStreams streams = driver.streams();
    LinkCore core = LinkCore.restore(parts.core(), streams);
    driver.core = core;
    driver.closing = core.isClosing();
    core.forEachPeerDefinition(driver.events::defined);
    parts.transfers().forEach(each -> driver.addUntold(new LinkInput.Transferred(each)));
    streams.restore(core, parts.streams());
    driver.streams = streams.isEmpty() ? null : streams;
    if (parts.clock().length > 0) {
      driver.clock = new SampledClock(ClockEstimate.restore(parts.clock()), nanoTime);
    }
    core.cancelAsks();
    return driver;
  }

  /** Has another owner from now on: the session's next connection. */
  public void owner(Owner next) {
    owner = next;
  }

  /** Returns the core. */
  public LinkCore core() {
    return requireNonNull(core, "not made yet");
  }

  private SessionStreams streams() {
    SessionStreams its = streams;
    if (its == null) {
      its = new SessionStreams(this, this::transferred);
      streams = its;
    }
    return its;
  }

  private Asks asks() {
    Asks its = asks;
    if (its == null) {
      its = new Asks();
      asks = its;
    }
    return its;
  }

  // ---- input ----

  /** Reads bytes of the other side, all of them; none of a connection that is lost. */
  public void read(ByteBuffer... bytes) {
    if (!core().attached()) {
      return;
    }
    during(() -> {
      if (!owner.accepts()) {
        core().holdBack();
      }
      for (ByteBuffer each : bytes) {
        core().read(each, events);
      }
    });
    resume();
  }

  /** Gives input to the core, and does behind that what its events have led to. */
  private void during(Runnable input) {
    reading = true;
    input.run();
    if (streams != null) {
      streams.progress(core());
    }
    reading = false;
    if (lost) {
      lost();
    }
    if (over != null) {
      int code = over;
      over = null;
      owner.over(code);
    }
  }

  /** Learns that the connection is lost; what is being read from it is read to its end. */
  public void lost() {
    lost = reading;
    if (!reading) {
      core().lost();
    }
  }

  /** Hands out what waits, as far as the service takes it. */
  public void resume() {
    if (reading || ended) {
      return;
    }
    while (!untold.isEmpty()) {
      if (!owner.accepts()) {
        return;
      }
      handOut(untold.removeFirst(), 0, 0);
    }
    if (core().holdsBack() && owner.accepts()) {
      during(() -> core().deliver(events));
    }
  }

  private void handOut(LinkInput input, int channel, int size) {
    unprocessed.add(channel, size);
    owner.handOut(input);
  }

  private void tell(LinkInput input) {
    addUntold(input);
    resume();
  }

  private void addUntold(LinkInput input) {
    if (untold.isEmpty()) {
      untold = new ArrayList<>();
    }
    untold.add(input);
  }

  private void transferred(Transfer transfer) {
    if (!ended) {
      tell(new LinkInput.Transferred(transfer));
    } else if (last != null) {
      last.add(transfer);
    }
  }

  /** Learns that an input is processed. */
  public void processed() {
    long oldest = unprocessed.remove();
    if (Sizes.size(oldest) > 0 && !ended) {
      core().consumed(Sizes.channel(oldest), Sizes.size(oldest));
    }
  }

  /** Gives memory back that is not used at present. */
  public void trim() {
    unprocessed.trim();
  }

  /** The events of the core that concern the whole driver. */
  private final class Events extends CoreEvents {
    @Override
    LinkCore core() {
      return SessionDriver.this.core();
    }

    @Override
    SessionStreams streams() {
      return SessionDriver.this.streams();
    }

    @Override
    Asks asks() {
      return SessionDriver.this.asks();
    }

    @Override
    boolean handOut(LinkInput input, int channel, int size) {
      SessionDriver.this.handOut(input, channel, size);
      return owner.accepts();
    }

    @Override
    void tell(LinkInput input) {
      SessionDriver.this.tell(input);
    }

    @Override
    void roomChanged(int channel, boolean open) {
      output.roomChanged(core(), channel, open);
    }

    /** What ended with the session is told before its end. */
    @Override
    public void closed(int code, String text) {
      Ending why = said == null ? new Ending(code, text, false) : said;
      said = why;
      streams().end(why);
      while (!untold.isEmpty()) {
        handOut(untold.removeFirst(), 0, 0);
      }
      handOut(new LinkInput.Goodbye(code, text), 0, 0);
      over = code;
    }

    @Override
    public void pinged(long t1) {
      long now = nanoTime.getAsLong();
      core().pong(t1, now, now);
    }

    @Override
    public void ponged(long t1, long t2, long t3) {
      if (clock != null) {
        clock.answered(t1, t2, t3);
      }
    }
  }

  /**
   * Ends the session because both sides' records of it contradict each other; the service is told.
   */
  public void diverged(String text) {
    during(() -> {
      core().abort(LinkCode.DIVERGED, text);
      events.closed(LinkCode.DIVERGED.number(), text);
    });
  }

  // ---- output ----

  /**
   * Takes an output of the service.
   *
   * @throws IllegalArgumentException if the other side takes no message of its length
   * @throws IllegalStateException if it needs a channel, and 64 channels and streams are open
   */
  public void write(LinkOutput of) {
    LinkCore its = core();
    switch (of) {
      case LinkOutput.Message message -> output.send(its, message);
      case LinkOutput.Ask ask -> {
        LinkInput.Failed failed = output.ask(its, asks(), ask);
        if (failed != null) {
          tell(failed);
        }
      }
      case LinkOutput.Cancel cancel -> asks().cancel(its, cancel.question());
      case LinkOutput.Reply reply -> output.reply(its, asks(), reply);
      case LinkOutput.Failed failed -> asks().fail(its, failed.ask(), failed.code(), failed.text());
      case LinkOutput.Channel channel -> output.show(its, channel);
      case LinkOutput.EndChannel channel -> output.end(its, channel);
      case LinkOutput.Stream stream -> {
        streams().send(its, stream.stream());
        output.hasArrived(its);
      }
      case LinkOutput.Shared shared -> {
        last = shared.untold();
        output.counts(its, shared.places());
      }
      case LinkOutput.Clock shown -> show(shown.clock());
      case LinkOutput.Goodbye goodbye -> {
        closing = true;
        said = said == null ? new Ending(goodbye.code(), goodbye.text(), false) : said;
        its.close(goodbye.code(), goodbye.text());
      }
    }
  }

  // ---- the clock ----

  private void show(ServedClock shown) {
    SampledClock its = clock;
    if (its == null) {
      its = new SampledClock(new ClockEstimate(), nanoTime);
      clock = its;
    }
    shown.show(its);
    owner.changed();
  }

  /** Returns when {@link #ping} has something to do; empty if it has not. */
  public OptionalLong nextPing() {
    return clock == null || ended || !core().attached()
        ? OptionalLong.empty()
        : OptionalLong.of(clock.nextAt());
  }

  /** Asks the other side for its time, if that is due. */
  public void ping() {
    OptionalLong next = nextPing();
    if (clock != null && next.isPresent() && next.getAsLong() - nanoTime.getAsLong() <= 0) {
      core().ping(clock.ask());
    }
  }

  /** Returns the estimate of the other side's clock; null if no samples are taken. */
  public @Nullable SampledClock clock() {
    return clock;
  }

  // ---- streams, from any thread ----

  @Override
  public void run(Consumer<LinkCore> action) {
    if (owner.isCurrent()) {
      act(action);
    } else {
      owner.execute(() -> act(action));
    }
  }

  private void act(Consumer<LinkCore> action) {
    if (!ended) {
      action.accept(core());
      owner.changed();
    }
  }

  // ---- how it is ----

  /** Tells whether the core is being given input, so that it must not write. */
  public boolean isReading() {
    return reading;
  }

  /** Returns facts about the session for an operator, by name. */
  public Map<String, String> details() {
    return SessionDetails.of(core(), streams(), clock);
  }

  /** Tells whether the service has closed the session. */
  public boolean isClosing() {
    return closing;
  }

  /** Tells whether no question waits for an answer and no stream is under way, in any direction. */
  public boolean isQuiet() {
    return core().openAsks() == 0
        && core().ownAsks() == 0
        && (streams == null || streams.isEmpty());
  }

  /**
   * Tells whether the session can go on in another process: it is not over, the other side waits
   * for no answer, and no stream is bound to an object of this process.
   */
  public boolean canMove() {
    return !core().isOver() && core().openAsks() == 0 && (streams == null || !streams.isBound());
  }

  /** Returns all that {@link #restore} needs, if the session {@link #canMove can move}. */
  public byte[] save() {
    byte[] state = core().save();
    byte[] estimate = clock == null ? new byte[0] : clock.save();
    SavedDriver parts =
        new SavedDriver(state, unprocessed, streams().save(), untoldTransfers(), estimate);
    return parts.write();
  }

  private List<Transfer> untoldTransfers() {
    return untold.stream()
        .filter(LinkInput.Transferred.class::isInstance)
        .map(each -> ((LinkInput.Transferred) each).transfer())
        .toList();
  }

  /**
   * Ends the driver; nothing happens from now on.
   *
   * @param why {@link CloseReason#MOVED} if the session goes on in another process
   */
  public void end(CloseReason why) {
    if (why != CloseReason.MOVED) {
      end(Endings.of(why));
    } else if (!ended) {
      ended = true;
      streams().moved();
      close();
    }
  }

  /**
   * Ends the driver of a session that has ended.
   *
   * @param why if neither side has said anything
   */
  public void end(Ending why) {
    if (!ended) {
      ended = true;
      untoldTransfers().forEach(this::transferred);
      streams().end(said == null ? why : said);
      close();
    }
  }

  private void close() {
    output.close();
    untold.clear();
    core().closeSources();
  }
}
