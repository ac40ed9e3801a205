package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.codec.http.HttpExchange;
import io.baton.codec.http.HttpService;
import io.baton.service.AskException;
import io.baton.service.Module;
import io.baton.service.ServiceQuestion;
import io.baton.service.Services;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import java.time.Duration;

/**
 * A user's module whose service {@code ask}, for the http codec, asks who holds a key: {@code
 * /?key=NAME&ms=PAUSE&timeout=MS}. Its responder takes so many milliseconds. The answer is {@code
 * ASKER HOLDER}, process ids, or {@code ASKER OUTCOME}.
 */
public final class AskingModule implements Module {
  private static final long PID = ProcessHandle.current().pid();

  @Override
  public String name() {
    return "asking";
  }

  @Override
  public void start(Context context) {
    Services services = context.services();
    services.offer("who", AskingModule::answer);
    context.service(
        "ask",
        FullHttpRequest.class,
        HttpObject.class,
        HttpService.of(exchange -> ask(services, exchange)));
  }

  private static byte[] answer(ServiceQuestion question) throws InterruptedException {
    Thread.sleep(Long.parseLong(new String(question.content(), UTF_8)));
    return Long.toString(PID).getBytes(UTF_8);
  }

  private static void ask(Services services, HttpExchange exchange) {
    String pause = exchange.query("ms").orElse("0");
    long timeoutMs = exchange.query("timeout").map(Long::parseLong).orElse(20_000L);
    services
        .ask(
            "who",
            exchange.query("key").orElse(null),
            pause.getBytes(UTF_8),
            Duration.ofMillis(timeoutMs))
        .whenComplete((answer, failure) -> {
          String outcome =
              failure == null
                  ? new String(answer, UTF_8)
                  : ((AskException) failure).reason().name();
          exchange.text(PID + " " + outcome);
        });
  }
}
