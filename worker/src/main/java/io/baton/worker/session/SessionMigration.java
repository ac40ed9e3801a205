package io.baton.worker.session;

import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.posix.Fd;
import io.baton.service.CloseReason;
import io.baton.service.SessionKey;
import io.baton.worker.identity.IdentityForm;
import io.baton.worker.migration.IncomingMigration;
import io.baton.worker.migration.MigrationGate;
import io.baton.worker.migration.MovingSession;
import io.baton.worker.migration.SavedSession;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A session as its migrations see it. It has no state of its own, and is made when it is needed:
 * most sessions never move.
 */
record SessionMigration(SessionLifecycle life) implements MovingSession {

  /** Returns the session's gate, made when it is first to move. */
  static MigrationGate gate(SessionLifecycle life) {
    MigrationGate gate = life.gate();
    if (gate == null) {
      gate = new MigrationGate(new SessionMigration(life));
      life.gate(gate);
    }
    return gate;
  }

  /**
   * Has the service of a session that came from another worker resume.
   *
   * @param abandon runs if the session cannot go on here
   * @param decided told once: null, or for the operator why it cannot
   */
  static void resume(
      SessionLifecycle life,
      ByteBuffer service,
      Runnable abandon,
      Consumer<@Nullable String> decided) {
    Consumer<@Nullable String> told =
        why -> {
          SessionTopics its = life.topics();
          if (why == null && its != null) {
            its.resumed();
          }
          decided.accept(why);
        };
    new IncomingMigration(new Incoming(life, abandon), life.context().resumeMs(), told)
        .begin(service);
  }

  @Override
  public EventLoop loop() {
    return life.loop();
  }

  @Override
  public long nanos() {
    return life.clock().nanos();
  }

  @Override
  public Handoff facts() {
    return life.facts();
  }

  @Override
  public long sessionId() {
    return life.id().value();
  }

  @Override
  public @Nullable SessionKey key() {
    return life.key();
  }

  @Override
  public long awayMs() {
    return life.awayMs();
  }

  @Override
  public ByteBuffer identity() {
    return IdentityForm.write(life.identity());
  }

  @Override
  public ByteBuffer account() {
    return life.saveAccount();
  }

  @Override
  public String protocol() {
    return life.service().protocol().name();
  }

  @Override
  public String kind() {
    return life.route().listener() + "/" + protocol();
  }

  @Override
  public boolean isQuiet() {
    return life.window().quiet();
  }

  @Override
  public Flow.Phase phase() {
    return life.phase();
  }

  @Override
  public Optional<Saved> saveCodec() {
    return codec(flow -> life.companions().canSaveCodecs() ? flow.save() : Optional.empty());
  }

  @Override
  public List<HandoffKind.Companion> companions() {
    return life.companions().inHandoff();
  }

  @Override
  public Optional<List<SavedSession>> saveCompanions() {
    return guarded(() -> life.companions().save());
  }

  /** As {@link Flow#handOver}; empty if the codec failed, too. */
  Optional<Saved> handOver() {
    return codec(Flow::handOver);
  }

  private Optional<Saved> codec(Function<Flow, Optional<Saved>> form) {
    return guarded(() -> form.apply(life.service().flow()));
  }

  /** Returns what a codec says; empty if it fails, which ends the session. */
  private <T> Optional<T> guarded(Supplier<Optional<T>> form) {
    try {
      return form.get();
    } catch (RuntimeException | LinkageError e) {
      life.ending().fail(life.service(), e);
      return Optional.empty();
    }
  }

  @Override
  public ByteBuffer topics() {
    SessionTopics its = life.topics();
    return its == null ? ByteBuffer.allocate(0) : its.save();
  }

  @Override
  public void saveService(Consumer<byte[]> done, Runnable cannot) {
    life.freezeTopics(); // behind what is delivered before, the service saves
    life.service().save(done, cannot);
  }

  @Override
  public @Nullable Class<?> serviceClass() {
    return life.service().serviceClass();
  }

  @Override
  public void flush() {
    life.carrier().flush();
    life.companions().forEach(Companion::flush);
  }

  @Override
  public Optional<ByteBuffer> unsent() {
    return life.carrier().flushed();
  }

  @Override
  public Optional<ByteBuffer> giveCover() {
    return life.carrier().giveCover();
  }

  @Override
  public void takeCoverBack() {
    Carrier bears = life.carrierOrNull();
    if (bears != null) {
      bears.takeCoverBack();
    }
    life.companions().forEach(Companion::takeCoverBack);
  }

  @Override
  public boolean seal(boolean seals) {
    return life.queue().seal(seals);
  }

  @Override
  public <T> T lend(Function<List<Fd>, T> use) {
    return life.carrier().lend(first -> life.companions().lend(first, use));
  }

  @Override
  public void stay() {
    gate(life).stay();
  }

  @Override
  public void moved() {
    life.departTopics();
    life.ending().abort(CloseReason.MOVED);
  }

  @Override
  public void movedElsewhere() {
    life.goesElsewhere();
    life.giveTopics();
    life.ending().abort(CloseReason.MOVED);
  }

  @Override
  public void thaw() {
    gate(life).over();
    life.strand().submit(life.service()::thaw);
    SessionTopics its = life.topics();
    if (its != null) {
      its.thaw();
    }
    life.window().thaw();
    life.turnChanged();
  }

  /** A session as it comes in. */
  private record Incoming(SessionLifecycle life, Runnable abandonment)
      implements IncomingMigration.Session {

    @Override
    public EventLoop loop() {
      return life.loop();
    }

    @Override
    public void resumeService(ByteBuffer saved, Consumer<@Nullable Throwable> done) {
      life.service().resume(saved, done);
    }

    @Override
    public @Nullable Class<?> serviceClass() {
      return life.service().serviceClass();
    }

    @Override
    public void cannotResume(Throwable cause) {
      life.context().errors().cannotResume(life.route(), life.logged(), cause);
    }

    @Override
    public void abandon() {
      abandonment.run();
    }
  }
}
