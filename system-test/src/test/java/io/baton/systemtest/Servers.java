package io.baton.systemtest;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The servers of a test class. In an instance field they end with each test, in a static one with
 * the class. After a success nothing is left of them, which is asserted; after a failure their
 * directories stay and their logs are printed.
 */
final class Servers implements AfterEachCallback, AfterAllCallback {
  private final List<TestServer> servers = new ArrayList<>();
  private final boolean shared;
  private boolean failed;

  private Servers(boolean shared) {
    this.shared = shared;
  }

  static Servers perTest() {
    return new Servers(false);
  }

  static Servers perClass() {
    return new Servers(true);
  }

  /** A server that is not started yet, with free ports and a directory of its own. */
  TestServer create() throws Exception {
    TestServer server = new TestServer();
    servers.add(server);
    return server;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    failed |= context.getExecutionException().isPresent();
    if (!shared) {
      endAll();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    failed |= context.getExecutionException().isPresent();
    endAll();
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
