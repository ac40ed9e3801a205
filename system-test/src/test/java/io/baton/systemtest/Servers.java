package io.baton.systemtest;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The servers of a test class. In an instance field they end with each test, in a static one with
 * the class. After a success nothing is left of them, which is asserted; after a failure their
 * directories stay and their logs are printed.
 *
 * <p>With {@link #shared} the tests of a class have one server that runs, one after the other, and
 * may create others, which end with the test:
 *
 * <pre>
 *   running() ──► test ──► restore ──► running() ──► …
 *                  │          └─ failed ─┐
 *                  └─ failed, stopped ───┴──► end, a fresh one for the next test
 * </pre>
 */
final class Servers implements AfterEachCallback, AfterAllCallback {

  /** How a server is configured, and where it differs from others, before it is started. */
  interface Setup {
    void prepare(TestServer server) throws Exception;
  }

  private final List<TestServer> servers = new ArrayList<>();
  private final boolean untilAfterAll;
  private final @Nullable Setup setup;
  private @Nullable TestServer shared;
  private String configuration = "";
  private boolean failed;

  private Servers(boolean untilAfterAll, @Nullable Setup setup) {
    this.untilAfterAll = untilAfterAll;
    this.setup = setup;
  }

  static Servers perTest() {
    return new Servers(false, null);
  }

  static Servers perClass() {
    return new Servers(true, null);
  }

  /** For a static field. */
  static Servers shared(Setup setup) {
    return new Servers(false, setup);
  }

  /** A server that is not started yet, with free ports and a directory of its own. */
  TestServer create() throws Exception {
    TestServer server = new TestServer();
    servers.add(server);
    return server;
  }

  /**
   * The shared server: all workers are ready, nobody is connected, and its counts and its log begin
   * now. A test may change its configuration, its workers and how they are launched, and may stop
   * it.
   */
  TestServer running() throws Exception {
    TestServer server = shared;
    if (server == null) {
      if (setup == null) {
        throw new IllegalStateException("these servers are not shared");
      }
      server = new TestServer();
      shared = server;
      // One test after the other may kill workers.
      server.configure("fleet.backoff.max", "200ms").configure("fleet.breaker.failures", 1000);
      setup.prepare(server);
      configuration = Files.readString(server.conf);
      server.start();
    }
    return server.beginTest();
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    failed |= context.getExecutionException().isPresent();
    try {
      restoreShared();
    } finally {
      if (!untilAfterAll) {
        endAll();
      }
    }
  }

  private void restoreShared() throws Exception {
    TestServer server = shared;
    if (server == null) {
      return;
    }
    if (failed || server.processes().isEmpty()) {
      endShared();
      return;
    }
    try {
      server.restore(configuration);
    } catch (Exception | AssertionError e) {
      failed = true;
      endShared();
      throw e;
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    failed |= context.getExecutionException().isPresent();
    endShared();
    endAll();
  }

  private void endShared() throws Exception {
    TestServer server = shared;
    shared = null;
    if (server != null) {
      server.end(failed);
    }
  }

  private void endAll() throws Exception {
    List<TestServer> all = List.copyOf(servers);
    servers.clear();
    for (TestServer server : all) {
      server.end(failed);
    }
    failed = false;
  }
}
