package io.baton.systemtest;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A service that does not release what it retains is found as the configuration file says. */
class ForgottenBuffersIT {
  /** So many that the collector comes. */
  private static final int VISITS = 200;

  @RegisterExtension final Servers servers = Servers.perTest();

  @Test
  void theLogSaysWhoForgotABuffer() throws Exception {
    TestServer server = servers.create().leaky();
    ModuleJar.install(server, ForgetfulModule.class, Map.of());
    server
        .configure("listeners.echo.service", "forgetful")
        .configure("workers", 1)
        .configure(
            "worker.java-options",
            "[\"-Xmx32m\", \"-XX:+UseSerialGC\", \"-XX:TieredStopAtLevel=1\","
                + " \"-Dio.netty.leakDetection.level=paranoid\"]")
        .start();

    Wait.until(
        "the worker's log says it",
        () -> {
          for (int i = 0; i < VISITS; i++) {
            server.visitEcho();
          }
          return server.leaks();
        },
        leaks -> leaks.stream().anyMatch(leak -> leak.contains(ForgetfulModule.class.getName())));
  }
}
