package io.baton.worker.migration;

import io.baton.worker.failure.FailureReason;
import io.baton.worker.time.RunningTimeout;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The beginning, in this worker, of a session that comes from another one. It is decided once: the
 * service is ready to go on with it, or cannot, or has taken too long. Event loop only.
 */
public final class IncomingMigration {

  /** The session that comes. */
  public interface Session {
    EventLoop loop();

    /**
     * Has the service resume.
     *
     * @param done told null, or what the service threw; perhaps before this returns
     */
    void resumeService(ByteBuffer saved, Consumer<@Nullable Throwable> done);

    /** The class of the service that resumes; null if it is not known. */
    @Nullable Class<?> serviceClass();

    /** The service has thrown. */
    void cannotResume(Throwable cause);

    /** It goes on elsewhere: closes what is here of it. */
    void abandon();
  }

  private final Session session;
  private final long timeoutMs;
  private final Consumer<@Nullable String> decided;
  private boolean over;

  /**
   * @param timeoutMs time that the service has
   * @param decided told once: null, or for the operator why the session cannot go on here
   */
  public IncomingMigration(Session session, long timeoutMs, Consumer<@Nullable String> decided) {
    this.session = session;
    this.timeoutMs = timeoutMs;
    this.decided = decided;
  }

  /** Begins with what the service saved. */
  public void begin(ByteBuffer service) {
    session.resumeService(service, this::returned);
    if (!over) {
      RunningTimeout.begin(session.loop(), timeoutMs, () -> !over, this::late);
    }
  }

  private void returned(@Nullable Throwable failure) {
    if (over) {
      return; // the session is elsewhere by now
    }
    if (failure == null) {
      decide(null);
    } else {
      session.cannotResume(failure);
      decide(FailureReason.of(failure, session.serviceClass()));
    }
  }

  private void late() {
    decide(FailureReason.hanging("resumed()", timeoutMs, "resume-timeout", session.serviceClass()));
  }

  private void decide(@Nullable String reason) {
    over = true;
    if (reason != null) {
      session.abandon();
    }
    decided.accept(reason);
  }
}
