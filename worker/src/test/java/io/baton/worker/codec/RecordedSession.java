package io.baton.worker.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.config.Settings;
import io.baton.service.CloseReason;
import io.baton.worker.codec.CutAnywhere.Answering;
import io.baton.worker.codec.CutAnywhere.Outcome;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionHarness;
import io.baton.worker.session.TestRoutes;
import java.util.Arrays;
import java.util.List;

/**
 * A session of the real runtime with all that its two sides have seen up to now, for tests in which
 * whole conversations are compared. Neither codec nor service may make a mistake: that fails the
 * test.
 */
public final class RecordedSession implements AutoCloseable {
  /**
   * So much may wait for a client that a conversation never comes to it: how many pings are
   * answered depends on that, and would depend on how it is cut.
   */
  private static final Settings.ListenerOptions OPTIONS =
      TestRoutes.options("high-water-mark = 16m, max-pending = 64m");

  /** Of the memory, held by others: messages are refused, and nobody is ended for it. */
  private static final int SHORT_PERCENT = 85;

  private final Recorder recorder;
  private final List<Protocol<?, ?>> upgrades;
  private final SessionHarness<?, ?> session;
  private final StringBuilder output = new StringBuilder();

  public RecordedSession(Codec<?, ?> codec, Answering service) {
    this(codec, new Recorder(service), List.of());
  }

  /**
   * @param recorder of this connection, and before it of others
   * @param upgrades what else may be spoken, with services of the same recorder
   */
  public RecordedSession(
      Codec<?, ?> codec, Recorder recorder, List<? extends Protocol<?, ?>> upgrades) {
    this.recorder = recorder;
    this.upgrades = List.copyOf(upgrades);
    recorder.begin();
    session = new SessionHarness<>(route(codec)).open();
  }

  private Route<?, ?> route(Codec<?, ?> codec) {
    return new Route<>("test", recorder.protocol("", codec), upgrades, OPTIONS);
  }

  /** One read's bytes. A client that is closed sends nothing. */
  public void read(byte... bytes) {
    if (session.channel.isOpen() && bytes.length > 0) {
      session.client(bytes);
    }
    output.append(session.out());
  }

  /** As {@link #read(byte...)}, of a part of them. */
  public void read(byte[] bytes, int from, int to) {
    read(Arrays.copyOfRange(bytes, from, to));
  }

  /** Keeps the window shut, as a lane that has much to do does, or lets it open again. */
  public void busy(boolean is) {
    session.busy(is);
    output.append(session.out());
  }

  /**
   * Goes on in another worker.
   *
   * @return false if it cannot move now
   */
  public boolean move() {
    boolean moved = session.move();
    output.append(session.out());
    return moved;
  }

  /** Goes on in another worker, with another object of the same codec. */
  public boolean move(Codec<?, ?> codec) {
    boolean moved = session.move(route(codec));
    output.append(session.out());
    return moved;
  }

  /** The client ends its side, and the lane has room. */
  public Outcome finish() {
    if (session.channel.isOpen()) {
      session.clientEnds();
    }
    busy(false);
    return outcome();
  }

  /** What has happened up to now. */
  public Outcome outcome() {
    assertThat(session.counters().errors()).as("mistakes, which are in the log").isZero();
    return new Outcome(recorder.messages(), output.toString(), recorder.end());
  }

  /** From now on the worker refuses long messages for want of memory. */
  public void memoryIsShort() {
    session.budget().add(SessionHarness.BUDGET / 100 * SHORT_PERCENT);
  }

  /** The bytes of memory that the session counts for. */
  public long held() {
    return session.budget().held();
  }

  public Flow flow() {
    return session.flow();
  }

  /** The worker drains. */
  public void drain() {
    session.drain();
    output.append(session.out());
  }

  /** The runtime ends the session, because its service says so. */
  public void end(CloseReason why) {
    recorder.close(why);
    output.append(session.out());
  }

  /** The service sends of its own accord. */
  public void send(Object message) {
    recorder.send(message);
    output.append(session.out());
  }

  /** The client takes nothing, or goes on doing so. */
  public void writable(boolean is) {
    session.writable(is);
    output.append(session.out());
  }

  @Override
  public void close() {
    session.close();
  }
}
