package io.baton.worker.codec.http;

import io.baton.worker.metrics.HttpMetrics;
import io.baton.worker.metrics.HttpMetrics.Answers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a listener's answers are counted. Event loop only. */
final class RouteAnswers {
  private final Map<String, Answers> routes;
  private final Answers others;

  RouteAnswers(HttpMetrics metrics) {
    routes = Map.copyOf(metrics.byRoute());
    others = metrics.others();
  }

  /** Where nobody looks. */
  static RouteAnswers unseen() {
    return new RouteAnswers(new HttpMetrics(List.of()));
  }

  /**
   * Counts an answer.
   *
   * @param route as it is configured; null if the request has none
   * @param nanos from request to answer; {@link HttpMetrics#UNTIMED} if there is no such time
   */
  void answered(@Nullable String route, int status, long nanos) {
    Answers its = route == null ? null : routes.get(route);
    (its == null ? others : its).answered(status, nanos);
  }
}
