package io.baton.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.codec.http.HttpException;
import io.baton.codec.http.HttpExchange;
import io.baton.codec.http.HttpService;
import io.baton.service.Services;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A counter for each key, {@code ?key=NAME}, which one of the workers keeps, whichever the client's
 * request is in. Its count begins anew in the worker's successor.
 */
record Tally(Services services) implements HttpService.Handler {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** Offers this worker's counters, and returns who asks for them. */
  static Tally offeredBy(Services services) {
    Map<String, Integer> counts = new ConcurrentHashMap<>();
    long pid = ProcessHandle.current().pid();
    var _ =
        services.offer(
            "tally",
            question -> {
              String key = Objects.requireNonNull(question.key());
              int count = counts.merge(key, 1, Integer::sum);
              return "%d in worker %d\n".formatted(count, pid).getBytes(UTF_8);
            });
    return new Tally(services);
  }

  @Override
  public void handle(HttpExchange exchange) {
    String key = exchange.query("key").orElseThrow(() -> new HttpException(400, "no key"));
    services
        .ask("tally", key, new byte[0], TIMEOUT)
        .whenComplete((answer, failure) -> {
          if (failure == null) {
            exchange.text(new String(answer, UTF_8));
          } else {
            exchange.status(503).text(failure.getMessage() + "\n");
          }
        });
  }
}
