package io.baton.worker.delivery;

import io.baton.service.Responder;
import io.baton.service.ServiceOffer;
import io.baton.service.ServiceQuestion;
import io.baton.service.Services;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The named services of one module, which are no other's: their names in the worker begin with its
 * own.
 *
 * @param prefix of the names in the worker
 * @param loader of the module
 */
public record ModuleServices(String prefix, ClassLoader loader, ServicePort port)
    implements Services {

  /**
   * Returns the services of a module.
   *
   * @throws IllegalArgumentException if its name is too long
   */
  public static ModuleServices of(String module, ClassLoader loader, ServicePort port) {
    return new ModuleServices(ModuleTopics.prefix(module), loader, port);
  }

  @Override
  public Registration offer(String name, Responder responder) {
    Objects.requireNonNull(responder);
    return port.offer(
        prefix + Services.requireName(name),
        (key, question) -> responder.answer(new ServiceQuestion(name, key, question)),
        loader);
  }

  @Override
  public CompletionStage<byte[]> ask(
      String name, @Nullable String key, byte[] question, Duration timeout) {
    ServiceQuestion checked = Services.requireAsk(name, key, question, timeout);
    return port.ask(prefix + checked.name(), key, question, timeout, loader);
  }

  @Override
  public Registration watch(String name, Consumer<List<ServiceOffer>> changed) {
    Objects.requireNonNull(changed);
    return port.watch(prefix + Services.requireName(name), changed, loader);
  }
}
