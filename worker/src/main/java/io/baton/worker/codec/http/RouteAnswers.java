package io.baton.worker.codec.http;

import io.baton.worker.metrics.HttpMetrics;
import io.baton.worker.metrics.HttpMetrics.Answers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a listener's answers are counted. Event loop only. */
final class RouteAnswers {
  private final Paths<Answers> routes;
  private final Answers others;

  RouteAnswers(HttpMetrics metrics) {
    routes = new Paths<>(metrics.byRoute());
    others = metrics.others();
  }

  /** Where nobody looks. */
  static RouteAnswers unseen() {
    return new RouteAnswers(new HttpMetrics(List.of()));
  }

  /**
   * Counts an answer.
   *
   * @param target of the request; null if it has none that could be read
   * @param nanos from request to answer; {@link HttpMetrics#UNTIMED} if there is no such time
   */
  void answered(@Nullable String target, int status, long nanos) {
    Answers its = target == null ? null : routes.find(target);
    (its == null ? others : its).answered(status, nanos);
  }
}
