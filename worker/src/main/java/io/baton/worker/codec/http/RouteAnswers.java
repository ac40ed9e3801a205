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
   * @param request null if it has no head that could be read
   * @param nanos from request to answer; {@link HttpMetrics#UNTIMED} if there is no such time
   */
  void answered(@Nullable RequestKey request, int status, long nanos) {
    Answers its = request == null ? null : routes.find(request);
    (its == null ? others : its).answered(status, nanos);
  }
}
