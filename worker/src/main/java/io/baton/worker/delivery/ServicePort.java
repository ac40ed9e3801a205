package io.baton.worker.delivery;

import io.baton.service.ServiceOffer;
import io.baton.service.Services.Registration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where modules offer services and ask for them, by whole names, those of their modules included.
 * Any thread. Arguments have been checked. The loader is that of the module, which is the context
 * class loader while its code runs.
 */
public interface ServicePort {

  /** A service of a module. In a virtual thread. */
  interface Answerer {
    byte[] answer(@Nullable String key, byte[] question) throws Exception;
  }

  /**
   * Offers a service.
   *
   * @throws IllegalStateException if the name is offered already, or too many are
   */
  Registration offer(String name, Answerer answerer, ClassLoader loader);

  /** Asks for a service. */
  CompletionStage<byte[]> ask(
      String name, @Nullable String key, byte[] question, Duration timeout, ClassLoader loader);

  /**
   * Tells who offers a service.
   *
   * @throws IllegalStateException if there are too many watches
   */
  Registration watch(String name, Consumer<List<ServiceOffer>> changed, ClassLoader loader);
}
