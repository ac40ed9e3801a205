package io.baton.worker.delivery;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A worker, as its modules' services and asks need it. Any thread. */
interface ServiceWorker {

  /** A service is offered from now on, or not any more. */
  void offersChanged(String name);

  /** There is a watch. */
  void watched(ServiceWatch watch);

  /**
   * Asks for a service.
   *
   * @param loader of the module that asks
   */
  CompletionStage<byte[]> ask(
      String name, @Nullable String key, byte[] question, Duration timeout, ClassLoader loader);
}
