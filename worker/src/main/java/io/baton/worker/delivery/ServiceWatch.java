package io.baton.worker.delivery;

import io.baton.service.ServiceOffer;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A module's watch of a service. What changes while the module is being told of an earlier change
 * is told next, and only the latest of it. Any thread.
 */
final class ServiceWatch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceWatch.class);

  private final String name;
  private final Consumer<List<ServiceOffer>> changed;
  private final ClassLoader loader;
  private final ThreadFactory threads;
  private @Nullable List<ServiceOffer> latest;
  private boolean untold;
  private boolean running;
  private boolean closed;

  /**
   * @param name of the service, with that of the module
   */
  ServiceWatch(
      String name,
      Consumer<List<ServiceOffer>> changed,
      ClassLoader loader,
      ThreadFactory threads) {
    this.name = name;
    this.changed = changed;
    this.loader = loader;
    this.threads = threads;
  }

  String name() {
    return name;
  }

  /** These are the offers now. */
  synchronized void show(List<ServiceOffer> offers) {
    if (offers.equals(latest)) {
      return;
    }
    latest = offers;
    untold = true;
    if (!running && !closed) {
      running = true;
      threads.newThread(this).start();
    }
  }

  /** The module is told nothing any more. */
  synchronized void close() {
    closed = true;
  }

  @Override
  public void run() {
    Thread.currentThread().setContextClassLoader(loader);
    for (List<ServiceOffer> offers = next(); offers != null; offers = next()) {
      try {
        changed.accept(offers);
      } catch (Throwable t) {
        LOG.error("a watch of the service {} has failed; it is told of the next change", name, t);
      }
    }
  }

  private synchronized @Nullable List<ServiceOffer> next() {
    running = untold && !closed;
    untold = false;
    return running ? latest : null;
  }
}
