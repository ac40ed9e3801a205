package io.baton.worker;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import io.baton.service.Authenticator;
import io.baton.service.Module;
import io.baton.service.Service;
import io.baton.service.Services;
import io.baton.service.Topics;
import io.baton.service.metrics.Metrics;
import io.baton.worker.delivery.ModuleServices;
import io.baton.worker.delivery.ModuleTopics;
import io.baton.worker.delivery.ServicePort;
import io.baton.worker.delivery.TopicPublisher;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.metrics.ModuleMetrics;
import io.baton.worker.module.OfModule;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.jar.JarFile;
import java.util.zip.ZipException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user's modules: each jar with a class loader of its own, whose parent is the worker's, so
 * that two jars may carry two versions of a library. Started in the order of the jars' names,
 * stopped in reverse. Main thread only.
 *
 * <p>Anything wrong with any of them keeps the worker from coming up; a stop that throws is logged
 * and the next one is stopped.
 */
final class Modules {
  private static final Logger LOG = LoggerFactory.getLogger(Modules.class);

  private record Found(Module module, URLClassLoader loader, Path jar) {}

  private final List<Found> started = new ArrayList<>();
  private final Map<String, Offer<?, ?>> offers = new LinkedHashMap<>();
  private final Map<String, AuthenticatorOffer> authenticators = new LinkedHashMap<>();
  private final MetricsRegistry metrics = new MetricsRegistry();

  private final TopicPublisher publisher;
  private final ServicePort services;
  private boolean useMesh;

  private Modules(TopicPublisher publisher, ServicePort services) {
    this.publisher = publisher;
    this.services = services;
  }

  /**
   * Loads and starts all modules.
   *
   * @param dir may be missing: no modules then
   * @param blocks what the configuration has for each of them
   * @param publisher where they publish
   * @param services where they offer services and ask for them
   */
  static Modules start(
      Path dir,
      Map<String, Map<String, Object>> blocks,
      TopicPublisher publisher,
      ServicePort services)
      throws BootException {
    Map<String, Found> found = find(dir);
    for (String name : blocks.keySet()) {
      if (!found.containsKey(name)) {
        throw new BootException(
            "baton.modules."
                + name
                + " configures a module that is not there; modules in "
                + dir
                + ": "
                + names(found));
      }
    }
    Modules modules = new Modules(publisher, services);
    try {
      for (Found one : found.values()) {
        modules.start(one, blocks.getOrDefault(one.module.name(), Map.of()));
      }
      return modules;
    } catch (BootException e) {
      modules.stop();
      throw e;
    }
  }

  private static Map<String, Found> find(Path dir) throws BootException {
    Map<String, Found> found = new LinkedHashMap<>();
    for (Path jar : jars(dir)) {
      for (Found one : load(jar)) {
        Found other = found.putIfAbsent(one.module.name(), one);
        if (other != null) {
          throw new BootException(
              "two modules are named " + one.module.name() + ": in " + other.jar + " and " + jar);
        }
      }
    }
    return found;
  }

  private static List<Path> jars(Path dir) throws BootException {
    if (!Files.isDirectory(dir)) {
      return List.of();
    }
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(dir, "*.jar")) {
      files.forEach(jars::add);
    } catch (IOException e) {
      throw new BootException("listing the modules in " + dir, e);
    }
    Collections.sort(jars);
    return jars;
  }

  private static List<Found> load(Path jar) throws BootException {
    List<Found> modules = new ArrayList<>();
    try {
      new JarFile(jar.toFile()).close(); // a loader takes no notice of what is none
      URLClassLoader loader =
          new URLClassLoader(
              jar.getFileName().toString(),
              new URL[] {jar.toUri().toURL()},
              Modules.class.getClassLoader());
      for (ServiceLoader.Provider<Module> provider :
          ServiceLoader.load(Module.class, loader).stream().toList()) {
        // The parent's providers are found through each loader; they are not this jar's.
        if (loader.equals(provider.type().getClassLoader())) {
          modules.add(new Found(provider.get(), loader, jar));
        }
      }
      if (modules.isEmpty()) {
        LOG.warn("{} holds no module; is META-INF/services/{} in it?", jar, Module.class.getName());
        loader.close();
      }
      return modules;
    } catch (ZipException e) {
      throw new BootException(jar + " is no jar: " + e.getMessage());
    } catch (IOException | ServiceConfigurationError | LinkageError e) {
      throw new BootException("loading the modules of " + jar, e);
    }
  }

  private void start(Found found, Map<String, Object> block) throws BootException {
    String name = found.module.name();
    try {
      inItsLoader(
          found,
          () -> {
            found.module.start(new Registration(name, block, found.loader));
            return name;
          });
    } catch (Throwable t) {
      throw new BootException("starting the module " + name + " of " + found.jar, t);
    }
    started.add(found);
    LOG.info("module {} of {} is started", name, found.jar.getFileName());
  }

  /** What a library finds through the thread's class loader is the module's. */
  private static <T> T inItsLoader(Found found, Callable<T> action) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(found.loader);
    try {
      return action.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** The services of all modules by their names. */
  Map<String, Offer<?, ?>> offers() {
    return Collections.unmodifiableMap(offers);
  }

  /** Whether any module has asked for its topics or its named services. */
  boolean useMesh() {
    return useMesh;
  }

  /** What all modules count and measure, and may be used for what Baton does. */
  MetricsRegistry metrics() {
    return metrics;
  }

  /** The authenticators of all modules by their names. */
  Map<String, AuthenticatorOffer> authenticators() {
    return Collections.unmodifiableMap(authenticators);
  }

  /**
   * The codecs that listeners may name: Baton's own and those of all modules.
   *
   * @throws BootException if two have the same name
   */
  Map<String, Codec<?, ?>> codecs(Map<String, Codec<?, ?>> own) throws BootException {
    Map<String, Codec<?, ?>> all = new LinkedHashMap<>(own);
    Map<String, String> owners = new LinkedHashMap<>();
    own.keySet().forEach(name -> owners.put(name, "Baton itself"));
    for (Found found : started) {
      String module = "the module " + found.module.name();
      for (Map.Entry<String, Codec<?, ?>> each : codecs(found).entrySet()) {
        String owner = owners.putIfAbsent(each.getKey(), module);
        if (owner != null) {
          throw new BootException(
              module + " brings a codec " + each.getKey() + ", but that name is taken by " + owner);
        }
        all.put(each.getKey(), each.getValue());
      }
    }
    return Collections.unmodifiableMap(all);
  }

  private static Map<String, Codec<?, ?>> codecs(Found found) throws BootException {
    if (!(found.module instanceof CodecModule module)) {
      return Map.of();
    }
    try {
      return inItsLoader(found, () -> Map.copyOf(module.codecs()));
    } catch (Throwable t) {
      throw new BootException("the codecs of the module " + module.name() + " of " + found.jar, t);
    }
  }

  /** Stops them all, last started first. */
  void stop() {
    for (Found found : started.reversed()) {
      try {
        var _ =
            inItsLoader(
                found,
                () -> {
                  found.module.stop();
                  return found;
                });
      } catch (Throwable t) {
        LOG.error(
            "module {} failed to stop; the others are stopped all the same",
            found.module.name(),
            t);
      }
    }
    started.clear();
  }

  static String names(Map<String, ?> map) {
    return map.isEmpty() ? "none" : String.join(", ", new TreeSet<>(map.keySet()));
  }

  /** What a module sees of us while it starts. */
  private final class Registration implements Module.Context {
    private final String module;
    private final Map<String, Object> block;
    private final ClassLoader loader;
    private final Metrics own;

    Registration(String module, Map<String, Object> block, ClassLoader loader) {
      this.module = module;
      this.block = block;
      this.loader = loader;
      this.own = new ModuleMetrics(metrics, module);
    }

    @Override
    public Map<String, Object> config() {
      return block;
    }

    @Override
    public <I, O> void service(
        String name, Class<I> in, Class<O> out, Supplier<? extends Service<I, O>> factory) {
      Offer<I, O> offer = new Offer<>(module, name, in, out, OfModule.of(factory, module, loader));
      Offer<?, ?> other = offers.putIfAbsent(name, offer);
      if (other != null) {
        throw new IllegalArgumentException(
            "the service name " + name + " is taken by the module " + other.module());
      }
    }

    @Override
    public void authenticator(String name, Authenticator authenticator) {
      AuthenticatorOffer offer = new AuthenticatorOffer(module, name, authenticator, loader);
      AuthenticatorOffer other = authenticators.putIfAbsent(name, offer);
      if (other != null) {
        throw new IllegalArgumentException(
            "the authenticator name " + name + " is taken by the module " + other.module());
      }
    }

    @Override
    public Metrics metrics() {
      return own;
    }

    @Override
    public Topics topics() {
      useMesh = true;
      return ModuleTopics.of(module, publisher);
    }

    @Override
    public Services services() {
      useMesh = true;
      return ModuleServices.of(module, loader, services);
    }
  }
}
