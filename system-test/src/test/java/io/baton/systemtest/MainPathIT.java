package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a newcomer does, on one server for all tests. */
@SuppressWarnings("NullAway.Init")
class MainPathIT {
  /** Nobody's context id here; and nobody ever connects to one. */
  private static final int FOREIGN_CID = 77_777;

  @RegisterExtension static final Servers SERVERS = Servers.perClass();
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    int vsockPort = Ports.free(1).getFirst();
    server =
        SERVERS
            .create()
            .configure(
                "listeners.guests",
                "{ endpoint = \"vsock://any:%d\", codec = raw, service = echo, optional = true }"
                    .formatted(vsockPort))
            .configure(
                "listeners.foreign",
                "{ endpoint = \"vsock://%d:%d\", codec = raw, service = echo, optional = true }"
                    .formatted(FOREIGN_CID, vsockPort))
            .start("-Dbaton.name=main-path");
  }

  @Test
  void anHttpClientIsGreetedOverOneConnectionAgainAndAgain() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest hello =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.web + "/hello")).build();
      for (int i = 0; i < 20; i++) {
        var response = http.send(hello, BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("Hello, World!");
      }
    }
  }

  @Test
  void workersRunFromTheAotCacheOfTheBuild() throws Exception {
    for (long worker : server.status().pids()) {
      assertThat(Path.of("/proc/" + worker + "/maps")).content().contains("worker.aot");
    }
  }

  @Test
  void curlIsGreeted() throws Exception {
    Shell.need("curlIsGreeted", "curl");
    Command.Result curl =
        Shell.run("curl", "-sS", "--fail", "http://127.0.0.1:" + server.web + "/hello");
    assertThat(curl.err()).isEmpty();
    assertThat(curl.out()).isEqualTo("Hello, World!");
  }

  @Test
  void wrkSeesNoError() throws Exception {
    Shell.need("wrkSeesNoError", "wrk");
    Command.Result wrk =
        Shell.run("wrk", "-t1", "-c32", "-d2s", "http://127.0.0.1:" + server.web + "/hello");
    assertThat(wrk.exit()).isZero();
    assertThat(wrk.out())
        .contains("requests in")
        .doesNotContain("Socket errors", "Non-2xx or 3xx", " 0 requests in");
  }

  @Test
  void manyClientsAreSharedByBothWorkers() throws Exception {
    List<Client> guests = server.guests(64);
    Status status =
        server.await(
            "64 open connections",
            s -> s.workers().stream().mapToInt(w -> w.connections()).sum() >= 64);
    assertThat(status.workers()).allSatisfy(worker -> assertThat(worker.taken()).isPositive());
    for (Client guest : guests) {
      assertThat(guest.echo("still here")).isEqualTo("still here");
      guest.close();
    }
  }

  @Test
  void rawBytesComeBackAsTheyWere() throws Exception {
    try (Client tcp = server.echo();
        Client unix = server.local()) {
      String long1 = "0123456789abcdef".repeat(4_096);
      assertThat(tcp.echo(long1)).isEqualTo(long1);
      assertThat(unix.echo(long1)).isEqualTo(long1);
    }
  }

  @Test
  void aClientThatHasSentAllStillGetsItsAnswer() throws Exception {
    try (Client client = server.echo()) {
      client.send("last words");
      client.shutdownOutput();
      assertThat(client.readAll()).isEqualTo("last words");
    }
  }

  @Test
  void anOptionalListenerThatCannotBeBoundIsShownAndTheRestServes() throws Exception {
    Status status = server.status();
    assertThat(status.listener("foreign").state()).isEqualTo("unavailable");
    assertThat(status.listener("foreign").problem())
        .contains("foreign", "vsock://" + FOREIGN_CID, "cannot listen");
    assertThat(server.script("status").out()).contains("! listener foreign cannot listen");
    server.awaitLog("listener foreign cannot listen", "optional");
    server.visitWeb();
  }

  @Test
  void aVsockListenerListensWhereTheMachineHasVsock() throws Exception {
    Status.Listener guests = server.status().listener("guests");
    if (Files.exists(Path.of("/dev/vsock")) || guests.problem() == null) {
      assertThat(guests.state()).isEqualTo("listening");
    } else {
      assertThat(guests.problem()).contains("no vsock");
    }
  }

  @Test
  void theStatusHasAllThatIsPromised() throws Exception {
    server.visitWeb();
    Map<String, @Nullable Object> json = server.status().json();
    assertThat(json)
        .containsKeys("version", "uptimeSeconds", "totals", "generation")
        .containsEntry("name", "main-path")
        .containsEntry("state", "running");
    assertThat(Status.objects(json, "listeners"))
        .allSatisfy(listener ->
            assertThat(listener)
                .containsKeys(
                    "name",
                    "endpoint",
                    "codec",
                    "service",
                    "placement",
                    "accepted",
                    "refused",
                    "state"));
    assertThat(Status.objects(json, "workers"))
        .hasSize(2)
        .allSatisfy(worker ->
            assertThat(worker)
                .containsKeys(
                    "slot",
                    "pid",
                    "generation",
                    "state",
                    "connections",
                    "inFlight",
                    "loopBusy",
                    "queueDepth",
                    "heapUsedBytes",
                    "rssBytes",
                    "cpuSeconds",
                    "taken",
                    "restarts"));
    Status status =
        server.await(
            "the workers' reports", s -> s.total("messagesIn") > 0 && s.total("closed") > 0);
    assertThat(status.total("accepted")).isGreaterThanOrEqualTo(status.total("taken"));
    assertThat(status.total("refused")).isZero();
  }

  @Test
  void theStatusOfTheScriptIsThatOfHttp() throws Exception {
    Status status = Status.parse(server.script("status", "--json").out());
    assertThat(status.pid()).isEqualTo(server.status().pid());
    assertThat(status.allReady()).isTrue();
    Command.Result table = server.script("status");
    assertThat(table.exit()).isZero();
    assertThat(table.out())
        .contains("main-path", "LISTENER", "WORKER", "web", "ready")
        .contains("pid " + status.pid())
        .contains(Long.toString(status.worker(1).pid()));
  }

  @Test
  void theMetricsAreThoseOfTheStatus() throws Exception {
    Client.Answer metrics = server.http("/metrics");
    assertThat(metrics.code()).isEqualTo(200);
    assertThat(metrics.head()).containsIgnoringCase("content-type: text/plain");
    assertThat(metrics.body())
        .contains("# TYPE baton_", "listener=\"web\"", "slot=\"1\"")
        .doesNotContain("NaN");
  }

  @Test
  void itIsHealthyAndReady() throws Exception {
    assertThat(server.http("/healthz").code()).isEqualTo(200);
    assertThat(server.http("/readyz").code()).isEqualTo(200);
    assertThat(server.http("/nowhere").code()).isEqualTo(404);
  }

  @Test
  void anotherUserMayNotGiveCommands() throws Exception {
    Shell.need("anotherUserMayNotGiveCommands", "setpriv");
    Shell.need("anotherUserMayNotGiveCommands", "curl");
    List<String> asNobody = new ArrayList<>();
    if (!System.getProperty("user.name").equals("root")) {
      Shell.need("anotherUserMayNotGiveCommands", "sudo");
      asNobody.addAll(List.of("sudo", "-n"));
    }
    asNobody.addAll(List.of("setpriv", "--reuid=65534", "--clear-groups"));
    asNobody.addAll(List.of("curl", "-sS", "--http0.9", "--max-time", "20", "http://localhost/"));
    // The directory alone keeps others out; here it is opened to show that the peer is looked at.
    Path socket = server.runDir.resolve("admin.sock");
    List<Path> opened = new ArrayList<>();
    for (Path path : List.of(server.directory, server.runDir, socket)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
      opened.add(path);
    }
    try {
      asNobody.addAll(List.of("--unix-socket", socket.toString()));
      Command.Result result = Shell.run(Map.of(), asNobody);
      assertThat(result.out())
          .isEqualTo("error\nonly the server's user and root may give commands\n");
      server.awaitLog("user 65534");
    } finally {
      for (Path path : opened) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
      }
    }
  }

  @Test
  void overridesWinOverTheFile() throws Exception {
    TestServer other = SERVERS.create().configure("name", "from-the-file");
    other.start("-Dbaton.name=overridden", "-Dbaton.workers=1");
    Status status = other.status();
    assertThat(status.json()).containsEntry("name", "overridden");
    assertThat(status.workers()).hasSize(1);
    other.stop();
    other.assertNothingIsLeft();
    assertThat(other.log()).contains("overridden has ended");
  }

  @Test
  void inTheForegroundItLogsToStandardOutputAndEndsGracefullyOnSigterm() throws Exception {
    TestServer other = SERVERS.create();
    Process process = other.startInForeground();
    other.visitWeb();
    Procs.signal("TERM", other.status().pid());
    assertThat(process.waitFor()).isZero();
    other.assertNothingIsLeft();
    assertThat(Files.readString(other.logDir.resolve("foreground")))
        .contains("is running", "INFO  manager", "INFO  worker-0", "stopping", "has ended");
    assertThat(other.logDir.resolve("manager.log")).doesNotExist();
  }

  @Test
  void stopAndStatusSayThatThereIsNoServer() throws Exception {
    TestServer none = SERVERS.create();
    for (String script : List.of("stop", "status")) {
      Command.Result result = none.script(script);
      assertThat(result.exit()).isEqualTo(3);
      assertThat(result.errLines()).singleElement().asString().contains("no server is running");
    }
  }
}
