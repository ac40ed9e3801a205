package io.baton.worker.run;

import io.baton.worker.failure.FailureReason;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A session's beginning in this worker, having come from another one. It is decided once: the
 * service is ready to go on with it, or why not, or it has taken too long. Event loop only.
 */
final class Resumption {
  private final Connection connection;
  private final Consumer<@Nullable String> decided;
  private boolean over;
  private @Nullable Future<?> timeout;

  /**
   * @param decided told once: null, or for the operator why the session cannot go on here
   */
  Resumption(Connection connection, Consumer<@Nullable String> decided) {
    this.connection = connection;
    this.decided = decided;
  }

  void begin(SavedSession saved) {
    connection.session().resume(saved.service(), this::returned);
    if (!over) {
      timeout =
          connection
              .loop()
              .schedule(this::late, connection.host().resumeMs(), TimeUnit.MILLISECONDS);
    }
  }

  private void returned(@Nullable Throwable failure) {
    if (over) {
      return; // the session is elsewhere by now
    }
    if (failure == null) {
      decide(null);
    } else {
      connection.host().faults().cannotGoOn(connection, failure);
      decide(FailureReason.of(failure, connection.session().serviceClass()));
    }
  }

  private void late() {
    if (!over) {
      decide(
          FailureReason.hanging(
              "resumed()",
              connection.host().resumeMs(),
              "resume-timeout",
              connection.session().serviceClass()));
    }
  }

  private void decide(@Nullable String reason) {
    over = true;
    Future<?> alarm = timeout;
    if (alarm != null) {
      alarm.cancel(false);
    }
    if (reason != null) {
      connection.abandon();
    }
    decided.accept(reason);
  }
}
