package io.baton.service.testkit;

import io.baton.service.AskException;
import io.baton.service.AskException.Reason;
import io.baton.service.Responder;
import io.baton.service.ServiceOffer;
import io.baton.service.ServiceQuestion;
import io.baton.service.Services;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The named services of a module in a test, of one worker:
 *
 * <pre>{@code
 * var services = new TestServices();
 * services.offer("double", question -> twice(question.content()));
 * assertThat(services.ask("double", "key", bytes, Duration.ofSeconds(1))).isCompletedWithValue(...);
 * services.fail("double", AskException.Reason.GONE);
 * }</pre>
 *
 * <p>Responders and watchers are called at once, in the thread that asks or offers. Any thread.
 */
public final class TestServices implements Services {
  private record Watcher(String name, Consumer<List<ServiceOffer>> changed) {}

  private final Map<String, Responder> responders = new LinkedHashMap<>();
  private final Map<String, Reason> failures = new LinkedHashMap<>();
  private final List<Watcher> watchers = new ArrayList<>();
  private final List<ServiceQuestion> asked = new ArrayList<>();

  /** Makes services of which none is offered. */
  public TestServices() {}

  @Override
  public Registration offer(String name, Responder responder) {
    Objects.requireNonNull(responder);
    synchronized (this) {
      if (responders.putIfAbsent(Services.requireName(name), responder) != null) {
        throw new IllegalStateException("the service " + name + " is offered already");
      }
    }
    changed(name);
    return () -> {
      boolean ended;
      synchronized (this) {
        ended = responders.remove(name, responder);
      }
      if (ended) {
        changed(name);
      }
    };
  }

  @Override
  public CompletionStage<byte[]> ask(
      String name, @Nullable String key, byte[] content, Duration timeout) {
    ServiceQuestion question = Services.requireAsk(name, key, content, timeout);
    Responder responder;
    Reason failure;
    synchronized (this) {
      asked.add(question);
      responder = responders.get(name);
      failure = failures.getOrDefault(name, Reason.NOBODY);
      if (failures.containsKey(name)) {
        responder = null;
      }
    }
    if (responder == null) {
      return CompletableFuture.failedStage(new AskException(failure, "said by the test"));
    }
    try {
      return CompletableFuture.completedStage(responder.answer(question));
    } catch (Exception e) {
      return CompletableFuture.failedStage(new AskException(Reason.FAILED, e.toString()));
    }
  }

  @Override
  public Registration watch(String name, Consumer<List<ServiceOffer>> changed) {
    Watcher watcher = new Watcher(Services.requireName(name), changed);
    synchronized (this) {
      watchers.add(watcher);
    }
    changed.accept(offers(name));
    return () -> {
      synchronized (this) {
        watchers.remove(watcher);
      }
    };
  }

  private void changed(String name) {
    List<Watcher> its;
    synchronized (this) {
      its = watchers.stream().filter(each -> each.name.equals(name)).toList();
    }
    its.forEach(each -> each.changed.accept(offers(name)));
  }

  private synchronized List<ServiceOffer> offers(String name) {
    return responders.containsKey(name) ? List.of(new ServiceOffer(0, 0)) : List.of();
  }

  /** Has all asks of a name end so from now on, without asking anybody. */
  public synchronized void fail(String name, Reason reason) {
    failures.put(Services.requireName(name), reason);
  }

  /** Has asks of a name answered again. */
  public synchronized void recover(String name) {
    failures.remove(name);
  }

  /** Returns all questions that were asked, in order. */
  public synchronized List<ServiceQuestion> asked() {
    return List.copyOf(asked);
  }
}
