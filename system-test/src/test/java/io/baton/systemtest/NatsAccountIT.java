package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.credentials.TestFiles;
import io.baton.testing.Nightly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Servers that a NATS server lets in by a certificate, a password or a key, or does not. */
class NatsAccountIT {
  private static final Pattern PERMISSIONS =
      Pattern.compile("(?ms)^```\\R(permissions \\{.*?^\\})\\R```$");

  private static final String PASSWORD = "a password";
  private static final String REFUSED = "the broker has refused this worker";
  private static final String CONNECTED = "connected to the broker at";

  @RegisterExtension final Servers servers = Servers.perTest();

  @TempDir private Path directory;

  /** What docs/CLUSTER.md says that Baton's account needs. */
  private static String permissions() throws IOException {
    Matcher found =
        PERMISSIONS.matcher(Files.readString(TestServer.HOME.resolve("docs/CLUSTER.md")));
    assertThat(found.find()).as("docs/CLUSTER.md has a block of permissions").isTrue();
    return found.group(1);
  }

  /** Writes the broker's configuration: one user, who may do what the document says. */
  private Path configuration(String password) throws IOException {
    String user = "user: baton, password: \"%s\"\n%s".formatted(password, permissions());
    return Files.writeString(
        directory.resolve("nats.conf"), "authorization { users = [ { %s } ] }\n".formatted(user));
  }

  private NatsServer nats(Path configuration, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--config=" + configuration);
    return new NatsServer(directory.resolve("nats.log"), all.toArray(String[]::new));
  }

  /** One that has this certificate, and wants one of its clients. */
  private NatsServer encrypted(String certificate) throws IOException {
    return nats(
        configuration(PASSWORD),
        "--tls",
        "--tlscert=" + TestFiles.put(certificate + ".pem", directory),
        "--tlskey=" + TestFiles.put(certificate + ".key", directory),
        "--tlsverify",
        "--tlscacert=" + TestFiles.put("authority.pem", directory));
  }

  private TestServer server(String url, String credentials) throws Exception {
    Path file = TestFiles.write(credentials, directory.resolve("credentials"));
    return servers
        .create()
        .configure("cluster.broker", "\"" + url + "\"")
        .configure("cluster.credentials", "\"" + file + "\"");
  }

  private TestServer encryptedServer(NatsServer nats) throws Exception {
    return server(nats.encryptedUrl(), "baton:" + PASSWORD + "\n")
        .configure(
            "cluster.tls",
            "{ ca = \"%s\", chain = \"%s\", key = \"%s\" }"
                .formatted(
                    TestFiles.put("authority.pem", directory),
                    TestFiles.put("client.pem", directory),
                    TestFiles.put("client.key", directory)));
  }

  /** Waits until both machines hear each other, and has them talk. */
  private static void assertJoined(SharedRoom room) {
    room.settle();
    room.speak();
    assertThat(room.settle().none()).as("guests that have got all").isEqualTo(room.guests().size());
  }

  @Test
  void anEncryptedBrokerJoinsServersThatMayDoNoMoreThanTheDocumentSays() throws Exception {
    try (NatsServer nats = encrypted("ec");
        SharedRoom room = new SharedRoom(encryptedServer(nats), encryptedServer(nats))) {
      assertJoined(room);
      assertThat(directory.resolve("nats.log")).content().doesNotContain("Violation");
      for (SharedRoom.Machine each : room.machines()) {
        assertThat(each.server().workerLogs()).doesNotContain("Violation", PASSWORD);
        assertThat(each.server().http("/status").body()).doesNotContain(PASSWORD);
      }
    }
  }

  @Test
  void anEncryptedBrokerWithTheCertificateOfAnotherHostIsNotTrusted() throws Exception {
    try (NatsServer nats = encrypted("rsa")) {
      TestServer server = encryptedServer(nats);
      ModuleJar.install(server, RoomModule.class, Map.of());
      server.start();
      String log =
          server.awaitWorkerLog(0, "No subject alternative names matching IP address 127.0.0.1");
      assertThat(log).doesNotContain(CONNECTED, PASSWORD);
    }
  }

  @Test
  @Tag(Nightly.ONLY)
  void aPasswordThatIsRefusedIsSaidAndTriedAgainUntilItIsRight() throws Exception {
    try (NatsServer nats = nats(configuration("another one"))) {
      String password = "baton:" + PASSWORD + "\n";
      TestServer a = server(nats.url(), password);
      TestServer b = server(nats.url(), password);
      try (SharedRoom room = new SharedRoom(a, b)) {
        for (SharedRoom.Machine each : room.machines()) {
          assertThat(each.server().awaitWorkerLog(0, REFUSED))
              .contains("Authorization Violation", "it is tried again in 5000 ms")
              .doesNotContain(CONNECTED, PASSWORD);
        }
        room.speak();
        room.awaitLocal();
        configuration(PASSWORD);
        nats.reload();
        assertJoined(room);
      }
    }
  }

  @Test
  void aUserIsKnownByAJwtAndAKey() throws Exception {
    NatsKey operator = new NatsKey(NatsKey.Kind.OPERATOR);
    NatsKey account = new NatsKey(NatsKey.Kind.ACCOUNT);
    NatsKey user = new NatsKey(NatsKey.Kind.USER);
    String unlimited = "\"subs\":-1,\"data\":-1,\"payload\":-1";
    String ofAccount =
        operator.signs(
            account,
            "\"limits\":{%s,\"imports\":-1,\"exports\":-1,\"wildcards\":true,\"conn\":-1,\"leaf\":-1}"
                .formatted(unlimited));
    Path configuration =
        Files.writeString(
            directory.resolve("nats.conf"),
            "operator: %s\nresolver: MEMORY\nresolver_preload: { %s: %s }\n"
                .formatted(operator.signs(operator, "\"tags\":[]"), account.name(), ofAccount));
    String credentials =
        """
        -----BEGIN NATS USER JWT-----
        %s
        ------END NATS USER JWT------

        -----BEGIN USER NKEY SEED-----
        %s
        ------END USER NKEY SEED------
        """
            .formatted(account.signs(user, unlimited), user.seed());
    try (NatsServer nats = nats(configuration);
        SharedRoom room =
            new SharedRoom(server(nats.url(), credentials), server(nats.url(), credentials))) {
      assertJoined(room);
      for (SharedRoom.Machine each : room.machines()) {
        assertThat(each.server().workerLogs()).doesNotContain(user.seed());
      }
    }
  }
}
