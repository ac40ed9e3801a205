package io.baton.service.testkit;

import io.baton.service.Authenticator;
import io.baton.service.Module;
import io.baton.service.Service;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A context to start a module with in a unit test, which sees what the module offers:
 *
 * <pre>{@code
 * var context = new TestContext(Map.of("greeting", "Hello"));
 * new GreetModule().start(context);
 * assertThat(context.serviceNames()).containsExactly("greet");
 * }</pre>
 *
 * <p>The test's thread only.
 */
public final class TestContext implements Module.Context {
  private final Map<String, Object> config;
  private final List<String> serviceNames = new ArrayList<>();
  private final Map<String, Authenticator> authenticators = new LinkedHashMap<>();
  private final TestMetrics metrics = new TestMetrics();
  private final TestTopics topics = new TestTopics();
  private final TestServices services = new TestServices();

  /**
   * @param config the block {@code baton.modules.NAME} as plain Java values
   */
  public TestContext(Map<String, Object> config) {
    this.config = Map.copyOf(config);
  }

  @Override
  public Map<String, Object> config() {
    return config;
  }

  @Override
  public <I, O> void service(
      String name, Class<I> in, Class<O> out, Supplier<? extends Service<I, O>> factory) {
    if (serviceNames.contains(name)) {
      throw new IllegalArgumentException("the service name " + name + " is taken");
    }
    serviceNames.add(name);
  }

  @Override
  public void authenticator(String name, Authenticator authenticator) {
    if (authenticators.putIfAbsent(name, authenticator) != null) {
      throw new IllegalArgumentException("the authenticator name " + name + " is taken");
    }
  }

  @Override
  public TestMetrics metrics() {
    return metrics;
  }

  /** Returns the module's topics, which the test may give to its {@link TestSession}s. */
  @Override
  public TestTopics topics() {
    return topics;
  }

  /** Returns the module's named services, which the test may ask. */
  @Override
  public TestServices services() {
    return services;
  }

  /** Returns the names of the services that the module offers, in their order. */
  public List<String> serviceNames() {
    return List.copyOf(serviceNames);
  }

  /** Returns the authenticators that the module offers, by their names. */
  public Map<String, Authenticator> authenticators() {
    return Collections.unmodifiableMap(authenticators);
  }
}
