package io.baton.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.baton.config.Settings.LinkService;
import io.baton.credentials.Credentials;
import io.baton.service.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a listener of link may say of its services, and what is refused in which words. */
class LinkServicesTest {
  private static final String TOKEN = "the first of 2 secrets";
  private static final String FORMER = "the other of 2 secrets";

  @TempDir private Path home;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = home.resolve("baton.conf");
  }

  @Test
  void servicesComeInTheOrderOfTheirNamesWithWhatTheySayOrInherit() throws Exception {
    Path current = token("a.token", TOKEN);
    Path former = token("b.token", FORMER + "\n");
    Configuration read =
        read(
            """
            baton.listeners.l { endpoint = "tcp://127.0.0.1:7100", codec = link, authenticator = staff
              services {
                "room/1" { service = room, allow = ["10.0.0.0/8", "::1"], authenticator = off
                           token-files = [a.token, ./x/../b.token] }
                chat = chat-service
                "Räume für alle" { service = room, authenticator = guests }
              }
            }
            """);
    Settings.Listener listener = read.settings().listeners().getFirst();
    assertThat(listener.service()).isEmpty();
    assertThat(listener.routes()).isEmpty();
    assertThat(listener.services())
        .containsExactly(
            new LinkService("Räume für alle", "room", List.of(), List.of(), "guests"),
            new LinkService("chat", "chat-service", List.of(), List.of(), "staff"),
            new LinkService(
                "room/1",
                "room",
                List.of(PeerRange.parse("10.0.0.0/8"), PeerRange.parse("::1")),
                List.of(current, former),
                ""));
    assertThat(read.credentials().token(current)).asString(UTF_8).isEqualTo(TOKEN);
    assertThat(read.credentials().token(former)).asString(UTF_8).isEqualTo(FORMER);
  }

  @Test
  void aSingleServiceIsAskedForByItsOwnName() throws Exception {
    String listener = "baton.listeners.l { endpoint = \"unix:l\", codec = link, %s }";
    Settings one = read(listener.formatted("service = chat")).settings();
    assertThat(one).isEqualTo(read(listener.formatted("services { chat = chat }")).settings());
    assertThat(one.listeners().getFirst().services())
        .containsExactly(new LinkService("chat", "chat", List.of(), List.of(), ""));
  }

  @Test
  void aRouteOfHttpMayServeLinkWhereverItsPathIs() throws Exception {
    Path current = token("a.token", TOKEN);
    Configuration read =
        read(
            """
            baton.listeners.web { endpoint = "tcp://127.0.0.1:8080", codec = http, authenticator = staff
              routes {
                "/page" = page
                "/one" = { codec = link, service = chat, origins = ["https://example.org"] }
                "/many" = { codec = link, authenticator = off, services {
                  chat = chat
                  admin = { service = admin, token-files = [a.token], authenticator = credentials }
                } }
              }
            }
            """);
    Settings.Listener listener = read.settings().listeners().getFirst();
    assertThat(listener.options().session().awaits().forMs()).isEqualTo(60_000);
    Settings.HttpRoute one = listener.routes().get(1);
    Settings.HttpRoute many = listener.routes().get(0);
    assertThat(one.service()).isEmpty();
    assertThat(one.origins()).containsExactly("https://example.org");
    assertThat(one.authenticator()).as("decides on the request").isEqualTo("staff");
    assertThat(one.services())
        .containsExactly(new LinkService("chat", "chat", List.of(), List.of(), ""));
    assertThat(many.authenticator()).isEmpty();
    assertThat(many.services())
        .containsExactly(
            new LinkService("admin", "admin", List.of(), List.of(current), "credentials"),
            new LinkService("chat", "chat", List.of(), List.of(), ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { codec = http, services { a = a } }              | services: found a block, allowed services only with codec = link and without a service
          { codec = link, service = a, services { a = a } } | services: found a block, allowed services only with codec = link and without a service
          { codec = link }                                  | service: found nothing, allowed a text of one line that is not empty
          { codec = link, services {} }                     | services: found an empty block, allowed at least one service
          { codec = link, service = a, body = stream }      | body: found "stream", allowed no body, which is for codec = http only
          """)
  void whatARouteOfLinkCannotSayIsRefused(String route, String complaint) throws Exception {
    complaints(web("127.0.0.1", route)).containsExactly(at(1, "routes.\"/a\"." + complaint));
  }

  @Test
  void tokensOfARouteAreForEncryptedConnectionsToo() throws Exception {
    token("a.token", TOKEN);
    String route = "{ codec = link, services.b { service = s, token-files = [a.token] } }";
    complaints(web("0.0.0.0", route))
        .singleElement()
        .asString()
        .contains("endpoint: found tcp://0.0.0.0:7100 without tls for service b, which has tokens");
    read(web("0.0.0.0", route + ", plaintext-tokens = true"));
    read(web("127.0.0.1", route));
  }

  private static String web(String host, String route) {
    return "baton.listeners.l { endpoint = \"tcp://%s:7100\", codec = http, routes.\"/a\" = %s }"
        .formatted(host, route)
        .replace("}, plaintext-tokens = true }", "}\n plaintext-tokens = true }");
  }

  @Test
  void thousandsOfServicesMayShareATokensFile() throws Exception {
    Path token = token("a.token", TOKEN);
    StringBuilder services = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      services.append("\"room/%d\" { service = room, token-files = [a.token] }\n".formatted(i));
    }
    Configuration read = read(link("127.0.0.1", "services {\n" + services + "}"));
    assertThat(read.settings().listeners().getFirst().services()).hasSize(5_000);
    assertThat(read.credentials().tokens()).containsOnlyKeys(token);
  }

  @Test
  void aServiceMayBeForSomePeersOnly() {
    List<PeerRange> some = List.of(PeerRange.parse("uid 7"));
    assertThat(PeerRange.permits(some, new Peer.Unix(1, 7))).isTrue();
    assertThat(PeerRange.permits(some, new Peer.Unix(1, 8))).isFalse();
    assertThat(PeerRange.permits(List.of(), new Peer.Unix(1, 8))).isTrue();
  }

  @Test
  void behindProxiesAServiceIsForTheClientsThatTheyName() throws Exception {
    Settings settings =
        read("""
        baton.listeners.l { endpoint = "unix:l", codec = link, proxy-protocol.from = ["uid 33"]
          services.chat { service = chat, allow = ["10.0.0.0/8"] } }
        """)
            .settings();
    assertThat(settings.listeners().getFirst().services().getFirst().allow()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 255})
  void aNameHasUpTo255BytesOfUtf8(int bytes) throws Exception {
    String name = "é".repeat(bytes / 2) + "x";
    Configuration read = read(link("127.0.0.1", "services { \"%s\" = s }".formatted(name)));
    assertThat(read.settings().listeners().getFirst().services().getFirst().name())
        .isEqualTo(name)
        .satisfies(each -> assertThat(each.getBytes(UTF_8)).hasSize(bytes));
  }

  @Test
  void aNameThatNoClientCouldAskForIsRefused() throws Exception {
    String allowed = ", allowed a name of 1 to 255 bytes of UTF-8 without control characters";
    String longest = "é".repeat(128);
    String services =
        """
        services {
          "" = s
          "a\\nb" = s
          "half \\ud800" = s
          "LONGEST" = s
          ok = s
        }
        """;
    complaints(link("127.0.0.1", services.replace("LONGEST", longest)))
        .containsExactly(
            at(3, "services.\"\": found \"\"" + allowed),
            at(4, "services.\"a\\nb\": found \"a\\nb\"" + allowed),
            at(5, "services.\"half \ud800\": found \"half \ud800\"" + allowed),
            at(6, "services." + longest + ": found \"" + longest + "\"" + allowed));
    complaints(link("127.0.0.1", "service = " + longest))
        .containsExactly(at(2, "service: found \"" + longest + "\"" + allowed));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          services {}                     | services: found an empty block, allowed at least one service
          services = chat                 | services: found "chat", allowed a block { ... }
          services.chat = ""              | services.chat: found "", allowed a text of one line that is not empty
          services.chat = []              | services.chat: found a list, allowed a text of one line that is not empty
          services.chat {}                | services.chat.service: found nothing, allowed a text of one line that is not empty
          services.chat { service = s, alow = [] } | services.chat.alow: found an unknown key, did you mean allow?
          services.chat { service = s, x = 1 } | services.chat.x: found an unknown key, allowed allow, authenticator, service or token-files
          services.chat { service = s, allow = [me] } | services.chat.allow: found "me" in the list, allowed an address or network such as 10.0.0.0/8 or 2001:db8::/32, cid N or uid N
          services.chat { service = s, allow = ["uid 1"] } | services.chat.allow: found a list, allowed only addresses and networks for tcp://127.0.0.1:7100, not uid 1
          services.chat { service = s, authenticator = "" } | services.chat.authenticator: found "", allowed the name of an authenticator, or off
          services.chat { service = s, token-files = a } | services.chat.token-files: found "a", allowed a list of texts ["...", ...]
          services.chat { service = s, token-files = [""] } | services.chat.token-files: found "" in the list, allowed the path of a token's file
          services.chat { service = s, token-files = ["a\\u0000b"] } | services.chat.token-files: found "a\\u0000b" in the list, allowed the path of a token's file
          services.chat { service = s, token-files = [a, b, c] } | services.chat.token-files: found a list, allowed at most two files, the current token's and the former one's
          service = ""                    | service: found "", allowed a text of one line that is not empty
          lane = loop                     | service: found nothing, allowed a text of one line that is not empty
          plaintext-tokens = yes          | plaintext-tokens: found "yes", allowed true or false
          """)
  void aMistakeIsShownWithWhatIsAllowed(String line, String complaint) throws Exception {
    String service = line.startsWith("plaintext") ? ", service = s" : "";
    complaints(link("127.0.0.1", line) + "\nbaton.listeners.l { lane = loop" + service + "}")
        .singleElement()
        .asString()
        .startsWith(file + ":")
        .endsWith(": baton.listeners.l." + complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          codec = link, service = s, services { chat = chat }       | services: found a block, allowed services only with codec = link and without a service or routes
          codec = raw, services { chat = chat }                     | services: found a block, allowed services only with codec = link and without a service or routes
          codec = http, routes { "/a" = a }, services { a = a }     | services: found a block, allowed services only with codec = link and without a service or routes
          codec = link, routes { "/a" = a }                         | routes: found a block, allowed routes only with codec = http and without a service
          codec = link, routes { "/a" = a }, services { a = a }     | routes: found a block, allowed routes only with codec = http and without a service
          codec = raw, service = s, plaintext-tokens = true         | plaintext-tokens: found true, allowed no plaintext-tokens, which is for codec = link only
          codec = link, service = s, origins = ["*"]                | origins: found a list, allowed no origins, which are for codec = websocket only
          codec = link, service = s, real-ip.from = ["10.0.0.1"]    | real-ip: found a block, allowed no real-ip, which is for codec = http and websocket only
          """)
  void whatDoesNotGoTogetherIsRefused(String keys, String complaint) throws Exception {
    complaints("baton.listeners.l { endpoint = \"tcp://127.0.0.1:7100\", " + keys + " }")
        .containsExactly(at(1, complaint));
  }

  @Test
  void aTokenThatIsNotAsItShouldBeIsRefusedWithItsPlaceAndNotShown() throws Exception {
    Path tooShort = token("short.token", "swordfish");
    Path open = token("open.token", TOKEN);
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    String services =
        """
        services {
          a { service = s, token-files = [none.token] }
          b { service = s
              token-files = [short.token, open.token] }
        }
        """;
    complaints(link("127.0.0.1", services))
        .containsExactly(
            at(
                3,
                "services.a.token-files: found no file %s, allowed a file with a token of 16 to 1024 bytes"
                    .formatted(home.resolve("none.token"))),
            at(
                5,
                "services.b.token-files: found 9 bytes in %s, allowed a file with a token of 16 to 1024 bytes"
                    .formatted(tooShort)),
            at(
                5,
                "services.b.token-files: found %s with permissions rw-r--r--, allowed a token that others can neither read nor write, as after chmod 600 or 640"
                    .formatted(open)));
  }

  @Test
  void whatAWorkerIsGivenHasTokensInTheCredentialsAlone() throws Exception {
    token("a.token", TOKEN);
    Configuration read =
        read(link("127.0.0.1", "services.a { service = s, token-files = [a.token] }"));
    assertThat(read.concluded()).contains("a.token").doesNotContain(TOKEN);
    assertThat(read.toString()).contains("a.token").doesNotContain(TOKEN);
    assertThat(Credentials.decode(read.credentials().encode())).isEqualTo(read.credentials());
  }

  @Test
  void secretsWhereOthersCanReadTheTrafficAreRefused() throws Exception {
    token("a.token", TOKEN);
    String token = "services { a = a, b { service = s, token-files = [a.token] } }";
    complaints(link("0.0.0.0", token))
        .containsExactly(
            at(
                1,
                "endpoint: found tcp://0.0.0.0:7100 without tls for service b, which has tokens:"
                    + " they are not sent themselves, but whoever can read the traffic can take"
                    + " over the sessions of its clients; allowed a loopback address,"
                    + " tls.certificates or plaintext-tokens = true"));
    complaints(link("example.com", "service = chat, authenticator = staff"))
        .containsExactly(
            at(
                1,
                "endpoint: found tcp://example.com:7100 without tls for service chat, which has an"
                    + " authenticator: whoever can read the traffic learns the credentials of its"
                    + " clients; allowed a loopback address, tls.certificates or plaintext-tokens"
                    + " = true"));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, ''",
    "127.9.9.9, ''",
    "[::1], ''",
    "LocalHost, ''",
    "0.0.0.0, 'plaintext-tokens = true'"
  })
  void secretsWhereOthersCannotReadTheTrafficAreAccepted(String host, String more)
      throws Exception {
    token("a.token", TOKEN);
    String token = "services.a { service = s, token-files = [a.token] }\n";
    assertThat(read(link(host, token + more)).settings().listeners()).hasSize(1);
  }

  @Test
  void plaintextTokensAreInherited() throws Exception {
    token("a.token", TOKEN);
    String listener = link("0.0.0.0", "services.a { service = s, token-files = [a.token] }");
    Settings settings =
        read("baton.listener-defaults.plaintext-tokens = true\n" + listener).settings();
    assertThat(settings.listeners())
        .extracting(each -> each.options().session().authentication().plaintextTokens())
        .containsExactly(true);
  }

  @Test
  void aServiceForEverybodyNeedsNoEncryption() throws Exception {
    String open = "authenticator = staff, services.a { service = s, authenticator = off }";
    assertThat(read(link("0.0.0.0", open)).settings().listeners()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', 60000",
    "'', off, 0",
    "'', 5s, 5000",
    "off, '', 0",
    "10s, '', 10000",
    "10s, auto, 60000",
    "auto, '', 60000"
  })
  void sessionsOfLinkAwaitTheirClientsUnlessItIsSaidOtherwise(
      String common, String own, long expectedMs) throws Exception {
    String text = link("127.0.0.1", "service = s" + awaits("", own));
    text += awaits("\nbaton.listener-defaults.", common);
    text += "\nbaton.listeners.raw { endpoint = \"unix:raw\", codec = raw, service = s }";
    Settings settings = read(text).settings();
    assertThat(settings.listeners().getFirst().options().session().awaits().forMs())
        .isEqualTo(expectedMs);
    assertThat(settings.listeners().getLast().options().session().awaits().forMs())
        .as("of another codec")
        .isEqualTo(common.equals("10s") ? 10_000 : 0);
  }

  private static String awaits(String where, String value) {
    return value.isEmpty() ? "" : "\n" + where.strip() + "awaits-return = " + value;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          window = 1023           | window: found 1023, allowed a size from 1k to 64m
          window = 65m            | window: found "65m", allowed a size from 1k to 64m
          session-window = 255k   | session-window: found "255k", allowed no less than window, 256k
          session-window = 257m   | session-window: found "257m", allowed a size from 1k to 256m
          window = 2m             | session-window: found "1m", allowed no less than window, 2m
          max-message = 0         | max-message: found 0, allowed a size from 1k to 256m
          max-message = 1025k     | max-message: found "1025k", allowed no more than session-window, 1m
          session-window = 512k   | max-message: found "1m", allowed no more than session-window, 512k
          windows = 1m            | windows: found an unknown key, did you mean window?
          """)
  void theWindowsAreBoundedAndFitIntoEachOther(String line, String complaint) throws Exception {
    complaints(link("127.0.0.1", "service = s") + "\nbaton.link." + line)
        .containsExactly(file + ":3: baton.link." + complaint);
  }

  @Test
  void theWindowsAreThoseOfTheFile() throws Exception {
    String bounds =
        "\nbaton.link { window = 64m, session-window = 256m, max-message = 256m, come-back = 0s }";
    assertThat(read(link("127.0.0.1", "service = s") + bounds).settings().codecs().link())
        .isEqualTo(new CodecSettings.Link(64 << 20, 256 << 20, 256 << 20, 0));
  }

  /** A listener, whose own keys begin in the second line. */
  private static String link(String host, String keys) {
    return "baton.listeners.l { endpoint = \"tcp://%s:7100\", codec = link\n%s }"
        .formatted(host, keys);
  }

  private String at(int line, String complaint) {
    return file + ":" + line + ": baton.listeners.l." + complaint;
  }

  private Path token(String name, String token) throws IOException {
    Path written = Files.writeString(home.resolve(name), token);
    return Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-------"));
  }

  /** Also that what a worker is given reads the same. */
  private Configuration read(String text) throws Exception {
    Files.writeString(file, text);
    Configuration read = SettingsReader.read(file, Map.of(), home);
    assertThat(SettingsReader.parse(read.concluded(), home)).isEqualTo(read.settings());
    return read;
  }

  private ListAssert<String> complaints(String text) throws Exception {
    Files.writeString(file, text);
    return assertThat(
        catchThrowableOfType(
                ConfigurationException.class, () -> SettingsReader.read(file, Map.of(), home))
            .complaints());
  }
}
