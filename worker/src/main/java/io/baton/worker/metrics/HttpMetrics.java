package io.baton.worker.metrics;

import io.baton.pipe.OwnMetrics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a listener of HTTP has answered, by route. Event loop only.
 *
 * <p>A request's time runs from the moment when its service has it, whole or as a stream from its
 * head on, until the answer's head is written. What the codec answers by itself, because no service
 * is to get the request, has no time.
 */
public final class HttpMetrics {
  /** No request of this answer was given to a service. */
  public static final long UNTIMED = -1;

  /** The route of requests for which a listener with routes has none. */
  static final String NO_ROUTE = "none";

  private static final int CLASSES = 5;

  private final Map<String, Answers> byRoute = new TreeMap<>();
  private final Answers others;

  /** What a route has answered. */
  public static final class Answers {
    private final LoopHistogram seconds = new LoopHistogram();
    private final long[] classes = new long[CLASSES];

    /**
     * Counts an answer.
     *
     * @param status 100 to 599
     * @param nanos from request to answer; {@link #UNTIMED} if there is no such time
     */
    public void answered(int status, long nanos) {
      classes[Math.clamp(status / 100L, 1, CLASSES) - 1]++;
      if (nanos != UNTIMED) {
        seconds.record(nanos);
      }
    }
  }

  /**
   * @param routes paths as they are configured; none: the listener has one service
   */
  public HttpMetrics(List<String> routes) {
    routes.forEach(route -> byRoute.put(route, new Answers()));
    others = new Answers();
  }

  /** Returns the routes with what they have answered. */
  public Map<String, Answers> byRoute() {
    return byRoute;
  }

  /** Returns the answers to what is of no route. */
  public Answers others() {
    return others;
  }

  /**
   * Adds all of it to what is reported.
   *
   * @param upgrades names of other protocols, which have the times of their routes
   */
  void register(String listener, Set<String> upgrades, MetricsRegistry registry) {
    byRoute.forEach((route, answers) -> {
      if (!upgrades.contains(route)) {
        times(listener, route, answers, registry);
      }
      classes(listener, route, answers, registry);
    });
    String route = byRoute.isEmpty() ? "" : NO_ROUTE;
    times(listener, route, others, registry);
    classes(listener, route, others, registry);
  }

  private static void times(
      String listener, String route, Answers answers, MetricsRegistry registry) {
    registry.add(
        OwnMetrics.REQUESTS,
        List.of(listener, route),
        () -> SeriesState.histogram(answers.seconds));
  }

  private static void classes(
      String listener, String route, Answers answers, MetricsRegistry registry) {
    for (int i = 0; i < CLASSES; i++) {
      int its = i;
      registry.add(
          OwnMetrics.RESPONSES,
          List.of(listener, route, (i + 1) + "xx"),
          () -> SeriesState.counter(() -> answers.classes[its]));
    }
  }
}
