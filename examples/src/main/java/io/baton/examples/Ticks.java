package io.baton.examples;

import io.baton.codec.http.Events;
import io.baton.codec.http.HttpException;
import io.baton.codec.http.HttpExchange;
import io.baton.codec.http.HttpService;
import java.time.Duration;

/**
 * A stream of server-sent events, one each second, numbered from 1. A client that comes back, as
 * browsers do by themselves, goes on behind the number that it had last. When its worker is about
 * to end, the client is told {@code moving}, and the stream ends; the next one is in another
 * worker.
 */
final class Ticks implements HttpService.Handler {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Override
  public void handle(HttpExchange exchange) {
    exchange.requireMethod("GET", "HEAD");
    long last = number(exchange.header("Last-Event-ID").orElse("")); // before the answer begins
    Events events = exchange.events();
    tick(exchange, events, last + 1);
    var _ = events.onDraining(() -> events.send("", "moving", ""));
  }

  private static long number(String id) {
    try {
      return id.isEmpty() ? 0 : Long.parseLong(id);
    } catch (NumberFormatException e) {
      throw new HttpException(400, "Last-Event-ID is a number here");
    }
  }

  private static void tick(HttpExchange exchange, Events events, long number) {
    String data = "%d from worker %d".formatted(number, ProcessHandle.current().pid());
    if (events.send(Long.toString(number), "", data)) {
      var _ = exchange.session().after(SECOND, () -> tick(exchange, events, number + 1));
    }
  }
}
