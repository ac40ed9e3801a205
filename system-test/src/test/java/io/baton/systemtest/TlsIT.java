package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.credentials.CredentialFiles;
import io.baton.credentials.TestFiles;
import io.baton.testing.Nightly;
import io.baton.testing.server.Command;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encrypted connections of clients that nobody here wrote, which outlive the workers. */
class TlsIT {
  private static final int STREAMS = Nightly.of(500, 40);
  private static final int WEB_SOCKETS = Nightly.of(500, 20);
  private static final int UPLOADERS = Nightly.of(200, 10);
  private static final int KEY_RELOADS = Nightly.of(3, 2);
  private static final int RELOADS = Nightly.of(60, 2);

  /** Handshakes that a worker lets begin at once. */
  private static final int HANDSHAKES = 256;

  /** Bytes that it books for each, with a record that is not whole. */
  private static final long MOST_OF_ONE = 48 * 1024 + 2 * 18 * 1024;

  @TempDir private static Path dir;
  private static int echo;
  private static int web;
  private static int engine;
  private static int members;
  private static int few;
  private static int slow;
  private static int known;

  @SuppressWarnings("NullAway.Init") // before the first test
  private static Site site;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        String certificates =
            "[%s, %s]".formatted(TestFiles.identity("ec", dir), TestFiles.identity("rsa", dir));
        TestFiles.put("authority.pem", dir);
        TestFiles.put("client.pem", dir);
        TestFiles.put("client.key", dir);
        echo = server.listen("secret-echo", "echo");
        web = server.listen("secret-web", "hello");
        engine = server.listen("engine", "echo");
        members = server.listen("members", "hello");
        few = server.listen("few", "echo");
        slow = server.listen("slow", "echo");
        known = server.listen("known", "member");
        site = Site.of(server, "secret-site");
        ModuleJar.install(server, WhoModule.class, Map.of());
        for (String each :
            List.of(
                "secret-echo",
                "secret-web",
                "secret-site",
                "engine",
                "members",
                "few",
                "slow",
                "known")) {
          server.configure("listeners." + each + ".tls.certificates", certificates);
        }
        for (String each : List.of("secret-web", "members")) {
          server.configure("listeners." + each + ".codec", "http");
        }
        for (String each : List.of("known", "members")) {
          server.configure(
              "listeners." + each + ".tls.client-ca", "\"" + dir.resolve("authority.pem") + "\"");
        }
        server
            .configure("listeners.engine.tls.records", "engine")
            .configure("listeners.known.codec", "line")
            .configure("listeners.known.tls.client-auth", "optional")
            .configure("listeners.members.tls.client-auth", "require")
            .configure("listeners.few.max-connections", 1)
            .configure("listeners.few.tls.handshake-timeout", "1s")
            .configure("listeners.slow.tls.handshake-timeout", "2s")
            .configure("fleet.drain-timeout", "2s");
      });

  @BeforeAll
  static void needTools() {
    Shell.need("TlsIT", "openssl");
    Shell.need("TlsIT", "curl");
    Shell.need("TlsIT", "python3");
  }

  private static String authority() {
    return dir.resolve("authority.pem").toString();
  }

  private static SSLContext context() throws Exception {
    return TlsStreams.context(CredentialFiles.authorities(Path.of(authority())).getFirst());
  }

  private static SClient client(int port, String... more) throws Exception {
    List<String> options =
        new ArrayList<>(
            List.of("-CAfile", authority(), "-verify_return_error", "-servername", "localhost"));
    options.addAll(List.of(more));
    return new SClient(port, options.toArray(String[]::new));
  }

  private static Command.Result curl(int port, String host, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-sS",
                "--cacert",
                authority(),
                "--resolve",
                host + ":" + port + ":127.0.0.1",
                "https://" + host + ":" + port + "/hello"));
    command.addAll(List.of(more));
    return Shell.run(command.toArray(String[]::new));
  }

  @Test
  void clientsOfEachSuiteTalkThroughReloadsAndUpdateTheirKeys() throws Exception {
    TestServer server = SERVERS.running();
    try (SClient one = client(echo, "-ciphersuites", "TLS_AES_128_GCM_SHA256");
        SClient two = client(echo, "-ciphersuites", "TLS_AES_256_GCM_SHA384");
        SClient three = client(echo, "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256")) {
      one.await("Cipher is TLS_AES_128_GCM_SHA256");
      two.await("Cipher is TLS_AES_256_GCM_SHA384");
      three.await("Cipher is TLS_CHACHA20_POLY1305_SHA256");
      List<SClient> all = List.of(one, two, three);
      for (SClient each : all) {
        each.echo("one");
        each.updateKey(true);
        each.echo("two");
      }
      for (int reload = 0; reload < KEY_RELOADS; reload++) {
        assertThat(Moved.by(server, "reload").migrated()).isEqualTo(all.size());
        for (SClient each : all) {
          each.echo("three");
          each.updateKey(true);
          each.updateKey(false);
          each.echo("four");
        }
      }
    }
    server.await("they have left", s -> s.total("connections") == 0);
    assertThat(server.status().total("errors")).isZero();
  }

  /**
   * Streams of bytes, WebSockets, and requests one after the other on connections that are kept.
   */
  @Test
  void manyOfAllKindsGoThroughReloadsAndLoseNoByteAndNoConnection() throws Exception {
    TestServer server = SERVERS.running();
    server.configure("fleet.drain-timeout", "10m"); // time is not what is tested
    try (TlsStreams streams = new TlsStreams(echo, STREAMS, context());
        Talkers talkers =
            Talkers.encrypted(site.encryptedWebSocket("/echo"), WEB_SOCKETS, context());
        Uploaders uploaders =
            new Uploaders(site.encryptedPage().resolve("/upload"), UPLOADERS, context())) {
      for (int i = 0; i <= RELOADS; i++) {
        streams.awaitAnswers();
        talkers.awaitAnswers();
        uploaders.awaitAnswers();
        if (i < RELOADS) {
          Moved moved = Moved.by(server, "reload");
          assertThat(moved.migrated()).isEqualTo(STREAMS + WEB_SOCKETS + UPLOADERS);
          assertThat(moved.closed()).isZero();
        }
      }
      talkers.finish();
      uploaders.finish();
      streams.assertUnharmed();
      talkers.assertUnharmed();
      uploaders.assertUnharmed();
      // None has connected again behind our back.
      Status status = server.status();
      assertThat(status.listener("secret-echo").accepted()).isEqualTo(STREAMS);
      assertThat(status.listener("secret-site").accepted()).isEqualTo(WEB_SOCKETS + UPLOADERS);
      System.out.printf(
          "TLS through %d reloads: %d streams %d times, %d WebSockets %d messages, "
              + "%d uploaders %d requests%n",
          RELOADS,
          STREAMS,
          streams.rounds(),
          WEB_SOCKETS,
          talkers.answered(),
          UPLOADERS,
          uploaders.answered());
    }
  }

  @Test
  void pythonsClientsGoOnThroughAReload() throws Exception {
    TestServer server = SERVERS.running();
    try (PythonClient streams = new PythonClient("echo", echo, authority(), dir);
        PythonClient asks = new PythonClient("https", site.port(), authority(), dir)) {
      streams.awaitRounds();
      asks.awaitRounds();
      assertThat(Moved.by(server, "reload").migrated()).isEqualTo(2);
      streams.awaitRounds();
      asks.awaitRounds();
      streams.finish();
      asks.finish();
    }
    server.await("both have left", s -> s.total("closed") == 2 && s.total("connections") == 0);
  }

  @Test
  void requestsAreAnsweredUnderTheNameThatIsAskedFor() throws Exception {
    var _ = SERVERS.running();
    for (String host : List.of("localhost", "some.example.org", "shop.example.net")) {
      for (String version : List.of("1.2", "1.3")) {
        Command.Result answer =
            curl(web, host, "--tls-max", version, "-w", " %{http_version} %{ssl_verify_result}");
        assertThat(answer.out()).as(host + answer.err()).isEqualTo("Hello, World! 1.1 0");
      }
    }
    assertThat(curl(web, "other.example.net").err()).contains("no alternative certificate");
    try (SClient client = client(web, "-alpn", "h2,http/1.1")) {
      client.await("ALPN protocol: http/1.1");
    }
  }

  @Test
  void aRequestThatIsNotEncryptedIsToldToBeAndCountedAsFailed() throws Exception {
    TestServer server = SERVERS.running();
    String url = "http://127.0.0.1:" + web + "/hello";
    Command.Result plain = Shell.run("curl", "-sS", "-w", "%{http_code}", url);
    assertThat(plain.out()).as(plain.err()).contains("use https://").endsWith("400");
    Path body = Files.write(dir.resolve("body"), new byte[4 * 1024 * 1024]);
    Command.Result upload =
        Shell.run(
            "curl", "-sS", "-w", "%{http_code}", "-H", "Expect:", "--data-binary", "@" + body, url);
    assertThat(upload.out()).as(upload.err()).contains("use https://").endsWith("400");
    assertThat(curl(web, "localhost").out()).isEqualTo("Hello, World!");
    server.await(
        "all handshakes are counted",
        s -> s.total("tlsHandshakesFull") == 1 && s.total("tlsHandshakesFailed") == 2);
    server.await("all have left", s -> s.total("closed") == 3 && s.total("connections") == 0);
  }

  @Test
  void whoHasNoCertificateOfTheAuthorityIsTurnedAway() throws Exception {
    TestServer server = SERVERS.running();
    Command.Result member =
        curl(
            members,
            "localhost",
            "--cert",
            dir.resolve("client.pem").toString(),
            "--key",
            dir.resolve("client.key").toString());
    assertThat(member.out()).as(member.err()).isEqualTo("Hello, World!");
    assertThat(curl(members, "localhost").exit()).isNotZero();
    server.await("both have left", s -> s.total("closed") == 2 && s.total("connections") == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_3", "-tls1_2"})
  void aSessionIsResumedInAnotherWorkerButNotByAnotherListener(String version) throws Exception {
    TestServer server = SERVERS.running();
    String session = dir.resolve("session" + version).toString();
    String certificate = dir.resolve("client.pem").toString();
    String key = dir.resolve("client.key").toString();
    try (SClient client =
        client(known, version, "-cert", certificate, "-key", key, "-sess_out", session)) {
      client.await("New, TLSv");
      client.say("who?");
      client.await("[CN=client, CN=Test authority]\n");
    }
    assertThat(Moved.by(server, "reload").closed()).isZero();
    try (SClient client = client(known, version, "-sess_in", session)) {
      client.await("Reused, TLSv");
      client.say("who?");
      client.await("[CN=client, CN=Test authority]\n");
      if (version.equals("-tls1_3")) {
        assertThat(Moved.by(server, "reload").migrated()).isOne();
        client.say("and now?");
        client.await("]\n[CN=client, CN=Test authority]\n");
      }
    }
    try (SClient client = client(echo, version, "-sess_in", session)) {
      client.await("New, TLSv");
      client.echo("one");
    }
    server.await(
        "all are counted",
        s -> s.total("tlsHandshakesFull") == 2 && s.total("tlsHandshakesResumed") == 1);
  }

  @Test
  void aServiceKnowsWhatItsClientHasShownAlsoInAnotherWorker() throws Exception {
    TestServer server = SERVERS.running();
    String certificate = dir.resolve("client.pem").toString();
    try (SClient shows =
            client(
                known,
                "-cert",
                certificate,
                "-cert_chain",
                authority(),
                "-key",
                dir.resolve("client.key").toString());
        SClient hides = client(known)) {
      shows.say("who?");
      shows.await("[CN=client, CN=Test authority]\n");
      hides.say("who?");
      hides.await("[]\n");
      assertThat(Moved.by(server, "reload").migrated()).isEqualTo(2);
      shows.say("and now?");
      shows.await("]\n[CN=client, CN=Test authority]\n");
      hides.say("and now?");
      hides.await("]\n[]\n");
    }
  }

  @Test
  void connectionsOfTheEngineGoOnUntilTheDrainEndsThem() throws Exception {
    TestServer server = SERVERS.running();
    try (SClient engines = client(engine);
        SClient older = client(echo, "-tls1_2")) {
      engines.echo("one");
      older.echo("one");
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isZero();
      assertThat(engines.awaitEnd()).contains("closed");
      assertThat(older.awaitEnd()).contains("closed");
    }
  }

  @Test
  void aClientInItsHandshakeFinishesItThroughAReload() throws Exception {
    TestServer server = SERVERS.running();
    try (SSLSocket slow = (SSLSocket) context().getSocketFactory().createSocket("127.0.0.1", echo);
        Client mistaken = Client.tcp(echo)) {
      server.await("both are taken", s -> s.total("taken") == 2 && s.total("connections") == 2);
      FutureTask<Command.Result> reload = server.begin("reload");
      server.await("new workers", s -> s.workers().size() == 4);
      slow.startHandshake();
      mistaken.send("GET / HTTP/1.1\r\n\r\n");
      assertThat(mistaken.readAll()).isEmpty();
      assertEchoes(slow);
      assertThat(reload.get().out()).contains("1 connection migrated", "0 closed");
      assertEchoes(slow);
    }
    server.await("both have left", s -> s.total("closed") == 2 && s.total("connections") == 0);
  }

  private static void assertEchoes(SSLSocket client) throws IOException {
    byte[] said = "hello".getBytes(StandardCharsets.US_ASCII);
    client.getOutputStream().write(said);
    assertThat(client.getInputStream().readNBytes(said.length)).isEqualTo(said);
  }

  @Test
  void aReloadChangesTheCertificateOfNewConnectionsOnly() throws Exception {
    TestServer server = SERVERS.running();
    try (SClient before = client(echo)) {
      before.echo("one");
      Path chain = dir.resolve("ec.pem");
      Path key = dir.resolve("ec.key");
      Path oldChain = Files.copy(chain, dir.resolve("old.pem"));
      Path oldKey = Files.copy(key, dir.resolve("old.key"), StandardCopyOption.COPY_ATTRIBUTES);
      try {
        // A key that is not the certificate's changes nothing.
        Files.copy(dir.resolve("rsa.pem"), chain, StandardCopyOption.REPLACE_EXISTING);
        Command.Result refused = server.script("reload");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("certificates[0].key: found in " + key, "goes on");
        Files.copy(
            dir.resolve("rsa.key"),
            key,
            StandardCopyOption.REPLACE_EXISTING,
            StandardCopyOption.COPY_ATTRIBUTES);
        // Now two are for one name.
        assertThat(server.script("reload").err()).contains("second certificate");
      } finally {
        Files.move(oldChain, chain, StandardCopyOption.REPLACE_EXISTING);
        Files.move(oldKey, key, StandardCopyOption.REPLACE_EXISTING);
      }
      server.configure(
          "listeners.secret-echo.tls.certificates", "[" + TestFiles.identity("rsa", dir) + "]");
      assertThat(Moved.by(server, "reload").migrated()).isOne();
      before.echo("two");
      try (SClient after = client(echo)) {
        after.await("subject=CN = rsa");
        after.echo("one");
      }
    }
  }

  @Test
  void aKeyThatEverybodyCanReadIsRefusedAtTheStart() throws Exception {
    TestServer open = SERVERS.create();
    Path key = dir.resolve("open.key");
    Files.copy(TestFiles.put("ec.key", Files.createDirectories(dir.resolve("open"))), key);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    open.configure(
        "listeners.echo.tls.certificates",
        "[{ chain = \"%s\", key = \"%s\" }]".formatted(dir.resolve("ec.pem"), key));
    Command.Result start = open.script("start");
    assertThat(start.exit()).isNotZero();
    assertThat(start.err()).contains("listeners.echo.tls.certificates[0].key", "chmod 600");
  }

  @Test
  void whoNeverEndsItsHandshakeIsClosedAndWhoIsTooManyAtOnce() throws Exception {
    TestServer server = SERVERS.running();
    try (Client silent = Client.tcp(few)) {
      server.await("it is there", s -> s.listener("few").open() == 1);
      try (Client second = Client.tcp(few)) {
        assertThat(second.isEnded()).isTrue();
      }
      assertThat(silent.isEnded()).isTrue();
    }
    server.await("all have left", s -> s.listener("few").open() == 0);
    Wait.until(
        "a worker says why",
        server::workerLogs,
        logs -> logs.contains("a client's TLS handshake failed: not done within"));
  }

  private static long held(Status status) {
    return status.workers().stream().mapToLong(Status.Worker::heldBytes).sum();
  }

  private static boolean holdsNothing(Status status) {
    return held(status) == 0;
  }

  @Test
  void clientsThatComeAndGoLeaveNothing() throws Exception {
    TestServer server = SERVERS.running();
    for (int i = 0; i < 200; i++) {
      try (Client client = Client.tcp(echo)) {
        switch (i % 4) {
          case 0 -> client.send(new byte[] {22, 3, 1, 64, 0, 1, 0}); // a ClientHello that stops
          case 1 -> client.send("GET / HTTP/1.1\r\n\r\n");
          case 2 -> client.send(new byte[] {22, 3, 1, 0, 4, 1, 0, 0, 0});
          default -> client.reset();
        }
      }
    }
    Status status = server.awaitQuiet();
    assertThat(status.total("closed")).isEqualTo(status.total("taken")).isGreaterThan(100);
    assertThat(status.total("workerDeaths")).isZero();
    server.await("nothing is held", TlsIT::holdsNothing);
    try (SClient client = client(echo)) {
      client.echo("still here");
    }
  }

  /** As long as one may be, but for its last byte, in records of 64 bytes. */
  private static byte[] mostOfAHello() {
    byte[] message = new byte[16 * 1024 - 1];
    message[0] = 1;
    message[2] = (16 * 1024 - 4) >> 8;
    message[3] = (byte) (16 * 1024 - 4);
    ByteBuffer records = ByteBuffer.allocate(2 * message.length);
    for (int at = 0; at < message.length; at += 64) {
      int length = Math.min(64, message.length - at);
      records.put(new byte[] {22, 3, 1}).putShort((short) length).put(message, at, length);
    }
    return Arrays.copyOf(records.array(), records.position());
  }

  /** More than two workers let begin at once. */
  @Test
  void clientsThatNeverEndTheirHelloHoldLittleAndNobodyUpForLong() throws Exception {
    TestServer server = SERVERS.running();
    int clients = 700;
    byte[] hello = mostOfAHello();
    List<Client> all = new ArrayList<>();
    try {
      long most = 0;
      for (int i = 0; i < clients; i++) {
        Client next = Client.tcp(slow);
        next.send(hello);
        all.add(next);
        if (i % 100 == 99) {
          most = Math.max(most, held(server.status()));
        }
      }
      assertThat(most).isBetween(1L, 2 * HANDSHAKES * MOST_OF_ONE);
      try (SClient client = client(echo)) {
        client.echo("served all the same");
      }
      for (Client each : all) {
        assertThat(each.isEnded()).isTrue();
      }
    } finally {
      for (Client each : all) {
        each.close();
      }
    }
    Status status = server.awaitQuiet();
    assertThat(status.total("closed")).isEqualTo(status.total("taken")).isEqualTo(clients + 1);
    assertThat(status.total("workerDeaths")).isZero();
    server.await("nothing is held", TlsIT::holdsNothing);
  }
}
