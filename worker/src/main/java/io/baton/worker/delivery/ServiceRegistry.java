package io.baton.worker.delivery;

import io.baton.mesh.MeshMessage;
import io.baton.service.AskException;
import io.baton.service.AskException.Reason;
import io.baton.service.ServiceOffer;
import io.baton.service.Services.Registration;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The services and watches of all modules of a worker, from before the worker has its event loop
 * on. Any thread.
 */
public final class ServiceRegistry implements ServicePort {
  /** Most watches of all modules. */
  private static final int MAX_WATCHES = 1_000;

  /** A service of a module. Not a record: one that is offered anew is another one. */
  static final class Offered {
    private final Answerer answerer;
    private final ClassLoader loader;

    private Offered(Answerer answerer, ClassLoader loader) {
      this.answerer = answerer;
      this.loader = loader;
    }

    Answerer answerer() {
      return answerer;
    }

    ClassLoader loader() {
      return loader;
    }
  }

  private final ThreadFactory threads = Thread.ofVirtual().name("service-", 0).factory();
  private final Map<String, Offered> offered = new LinkedHashMap<>();
  private final Set<ServiceWatch> watches = new LinkedHashSet<>();
  private @Nullable ServiceWorker worker;

  /** Makes a registry in which nothing is offered. */
  public ServiceRegistry() {}

  /** The worker is up; it is not ready yet. */
  synchronized void begin(ServiceWorker its) {
    worker = its;
    offered.keySet().forEach(its::offersChanged);
    watches.forEach(its::watched);
  }

  @Override
  public synchronized Registration offer(String name, Answerer answerer, ClassLoader loader) {
    if (offered.containsKey(name)) {
      throw new IllegalStateException("this worker offers the service already");
    }
    if (offered.size() == MeshMessage.MAX_OFFERS) {
      throw new IllegalStateException(
          "this worker offers %d services already".formatted(MeshMessage.MAX_OFFERS));
    }
    Offered its = new Offered(answerer, loader);
    offered.put(name, its);
    changed(name);
    return () -> withdraw(name, its);
  }

  private synchronized void withdraw(String name, Offered its) {
    if (offered.remove(name, its)) {
      changed(name);
    }
  }

  private void changed(String name) {
    ServiceWorker its = worker;
    if (its != null) {
      its.offersChanged(name);
    }
  }

  @Override
  public CompletionStage<byte[]> ask(
      String name, @Nullable String key, byte[] question, Duration timeout, ClassLoader loader) {
    ServiceWorker its = worker();
    return its == null
        ? CompletableFuture.failedStage(
            new AskException(Reason.NOBODY, "this worker has not started yet"))
        : its.ask(name, key, question, timeout, loader);
  }

  private synchronized @Nullable ServiceWorker worker() {
    return worker;
  }

  @Override
  public synchronized Registration watch(
      String name, Consumer<List<ServiceOffer>> changed, ClassLoader loader) {
    if (watches.size() == MAX_WATCHES) {
      throw new IllegalStateException(
          "the modules of this worker watch services %d times already".formatted(MAX_WATCHES));
    }
    ServiceWatch watch = new ServiceWatch(name, changed, loader, threads);
    watches.add(watch);
    ServiceWorker its = worker;
    if (its == null) {
      watch.show(List.of());
    } else {
      its.watched(watch);
    }
    return () -> end(watch);
  }

  private synchronized void end(ServiceWatch watch) {
    watch.close();
    watches.remove(watch);
  }

  /** Returns a service; null if it is not offered. */
  synchronized @Nullable Offered offered(String name) {
    return offered.get(name);
  }

  synchronized List<ServiceWatch> watches() {
    return List.copyOf(watches);
  }

  /** Runs code of a module in a thread of its own. */
  void run(ClassLoader loader, Runnable code) {
    threads
        .newThread(() -> {
          Thread.currentThread().setContextClassLoader(loader);
          code.run();
        })
        .start();
  }
}
