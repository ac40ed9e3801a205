package io.baton.service;

import io.baton.service.metrics.Metrics;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A jar of services: found with {@link java.util.ServiceLoader} in each jar of {@code modules/},
 * loaded by a class loader of its own, started once in each worker.
 *
 * <p><b>Threading.</b> {@link #start} and {@link #stop} run on the worker's main thread and may
 * block; start is bounded by {@code baton.fleet.start-timeout}, stop by the rest of the drain.
 *
 * <p><b>Errors.</b> A start that throws keeps the worker from coming up: the manager reports the
 * exception and tries again with back-off.
 */
public interface Module {

  /** What {@code baton.modules} calls it. */
  String name();

  /**
   * Registers the services, and what else the module brings.
   *
   * @throws Exception to keep the worker from coming up
   */
  void start(Context context) throws Exception;

  /**
   * The worker is ending; no session is open any more. (A callback that did not return in the
   * drain's time may still be running in another thread.)
   *
   * @throws Exception which is logged; the worker ends all the same
   */
  default void stop() throws Exception {}

  /** What a module is given. Valid during {@link #start} only. */
  interface Context {

    /** The block {@code baton.modules.NAME} as plain Java values; empty if there is none. */
    Map<String, Object> config();

    /**
     * Offers a service under a name that listeners can use. The types must be those of the
     * listener's codec.
     *
     * @param factory called once per session, in the session's lane
     * @throws IllegalArgumentException if the name is taken
     */
    <I, O> void service(
        String name, Class<I> in, Class<O> out, Supplier<? extends Service<I, O>> factory);

    /**
     * Offers an authenticator under a name that listeners and routes can use.
     *
     * @param authenticator one object for all of them
     * @throws IllegalArgumentException if the name is taken by another authenticator
     */
    void authenticator(String name, Authenticator authenticator);

    /**
     * Returns what counts and measures for {@code /metrics}, under names that begin with the
     * module's. The object may be kept and used by any thread for as long as the module runs.
     */
    Metrics metrics();

    /**
     * Returns the module's topics, to publish to. The object may be kept and used by any thread for
     * as long as the module runs; before the worker has started nothing is published.
     */
    Topics topics();

    /**
     * Returns the module's named services, to offer and to ask. The object may be kept and used by
     * any thread for as long as the module runs; before the worker has started there is nobody to
     * ask.
     */
    Services services();
  }
}
