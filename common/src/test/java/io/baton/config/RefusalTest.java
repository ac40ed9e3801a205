package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.baton.credentials.TestFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of complaint, in the words that an operator reads. */
class RefusalTest {

  private static final String WEB =
      "baton.listeners.web { endpoint = \"tcp://127.0.0.1:8080\", codec = http, service = hello }\n";

  @TempDir private Path home;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = home.resolve("baton.conf");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          workers = many                    | workers: found "many", allowed auto or 1 to 256
          workers = 0                       | workers: found 0, allowed auto or 1 to 256
          workers = 257                     | workers: found 257, allowed auto or 1 to 256
          workers = 2.5                     | workers: found 2.5, allowed auto or 1 to 256
          workers = 99999999999             | workers: found 99999999999, allowed auto or 1 to 256
          workers = 99999999999999999999999 | workers: found "99999999999999999999999", allowed auto or 1 to 256
          workers = null                    | workers: found null, allowed auto or 1 to 256
          workers = []                      | workers: found a list, allowed auto or 1 to 256
          workers = {}                      | workers: found an empty block, allowed auto or 1 to 256
          name = ""                         | name: found "", allowed a text of one line that is not empty
          name = "a\\nb"                    | name: found "a\\nb", allowed a text of one line that is not empty
          run-dir = ""                      | run-dir: found "", allowed a path
          run-dir = "a\\u0000b"             | run-dir: found "a\\u0000b", allowed a path
          cluster.broker = "http://h:1"     | cluster.broker: found "http://h:1", allowed "", or up to 16 of nats://HOST:PORT or tls://HOST:PORT with commas between them, without user and password (these are in the file of credentials)
          cluster.broker = "nats://h:1,"    | cluster.broker: found "nats://h:1,", allowed "", or up to 16 of nats://HOST:PORT or tls://HOST:PORT with commas between them, without user and password (these are in the file of credentials)
          cluster.broker = "nats://h"       | cluster.broker: found "nats://h", allowed "", or up to 16 of nats://HOST:PORT or tls://HOST:PORT with commas between them, without user and password (these are in the file of credentials)
          cluster.broker = "nats://u:p@h:1" | cluster.broker: found a user or a password, allowed "", or up to 16 of nats://HOST:PORT or tls://HOST:PORT with commas between them, without user and password (these are in the file of credentials)
          cluster.name = "a.b"              | cluster.name: found "a.b", allowed 1 to 32 of the letters a to z and A to Z, digits, - and _
          cluster.secret = "a"              | cluster.secret: found "a", allowed a list of texts ["...", ...]
          cluster.secret = [""]             | cluster.secret: found "" in the list, allowed the path of a token's file
          cluster.secret = ["/nowhere/it"]  | cluster.secret: found no file /nowhere/it, allowed a file with a token of 16 to 1024 bytes
          cluster.credentials = "/nowhere/it" | cluster.credentials: found no file /nowhere/it, allowed a file of up to 65536 bytes with a user's JWT and seed as nsc makes it, with USER:PASSWORD or with a token
          cluster.tls.chain = "/nowhere/it" | cluster.tls.chain: found "/nowhere/it", allowed chain and key together, or none of them
          admin = 5                         | admin: found 5, allowed a block { ... }
          admin.host = "0.0.0.0"            | admin.host: found "0.0.0.0", allowed a loopback address or localhost
          admin.host = example.com          | admin.host: found "example.com", allowed a loopback address or localhost
          admin.hosts = ["a:1"]             | admin.hosts: found "a:1" in the list, allowed a host's name, without a port
          admin.port = 65536                | admin.port: found 65536, allowed 1 to 65535
          admin.port = 8080                 | admin.port: found 8080, allowed any but that of listener web
          listener-defaults.proxy-protocol = on | listener-defaults.proxy-protocol: found "on", allowed a block { ... }
          listener-defaults.proxy-protocol.from = [lb] | listener-defaults.proxy-protocol.from: found "lb" in the list, allowed an address or network such as 10.0.0.0/8 or 2001:db8::/32, cid N or uid N
          listener-defaults.proxy-protocol.others = allow | listener-defaults.proxy-protocol.others: found "allow", allowed deny or direct
          listeners.web.proxy-protocol.from = ["uid 1"] | listeners.web.proxy-protocol: found a block, allowed only addresses and networks for tcp://127.0.0.1:8080, not uid 1
          listener-defaults.authenticator = "" | listener-defaults.authenticator: found "", allowed the name of an authenticator, or off
          listener-defaults.authenticate-timeout = off | listener-defaults.authenticate-timeout: found "off", allowed a duration from 10ms to 1d
          listener-defaults.max-sessions-per-principal = 0 | listener-defaults.max-sessions-per-principal: found 0, allowed off or 1 to 100000000
          listener-defaults.real-ip.header = via | listener-defaults.real-ip.header: found "via", allowed x-forwarded-for or forwarded
          listener-defaults.tls = on        | listener-defaults.tls: found "on", allowed a block { ... }
          listener-defaults.tls.certificates = "c.pem" | listener-defaults.tls.certificates: found "c.pem", allowed a list of blocks [{ ... }, ...]
          listener-defaults.tls.certificates = ["c.pem"] | listener-defaults.tls.certificates: found "c.pem" in the list, allowed a list of blocks [{ ... }, ...]
          listener-defaults.tls.client-auth = maybe | listener-defaults.tls.client-auth: found "maybe", allowed none, optional or require
          listener-defaults.tls.client-ca = [] | listener-defaults.tls.client-ca: found a list, allowed a path
          listener-defaults.tls.protocols = [] | listener-defaults.tls.protocols: found a list, allowed at least one of TLSv1.3 and TLSv1.2
          listener-defaults.tls.protocols = [TLSv1] | listener-defaults.tls.protocols: found "TLSv1" in the list, allowed TLSv1.3 and TLSv1.2
          listener-defaults.tls.client-ca = "a\\u0000b" | listener-defaults.tls.client-ca: found "a\\u0000b", allowed a path
          listener-defaults.tls.records = kernel | listener-defaults.tls.records: found "kernel", allowed java or engine
          listener-defaults.tls.handshake-timeout = off | listener-defaults.tls.handshake-timeout: found "off", allowed a duration from 10ms to 1d
          listeners.web.tls.certificate = [] | listeners.web.tls.certificate: found an unknown key, did you mean certificates?
          listener-defaults.backlog = 0     | listener-defaults.backlog: found 0, allowed 1 to 65535
          fleet.stall-after = soon          | fleet.stall-after: found "soon", allowed a duration from 1ms to 1m
          fleet.stall-after = 0             | fleet.stall-after: found 0, allowed a duration from 1ms to 1m
          fleet.stall-after = -5s           | fleet.stall-after: found "-5s", allowed a duration from 1ms to 1m
          fleet.hang-timeout = never        | fleet.hang-timeout: found "never", allowed off or a duration from 100ms to 1h
          fleet.drain-timeout = 2d          | fleet.drain-timeout: found "2d", allowed a duration from 0ms to 1d
          fleet.handoff-timeout = 100ms     | fleet.handoff-timeout: found "100ms", allowed more than stall-after (100ms)
          fleet.hang-timeout = 1s           | fleet.hang-timeout: found "1s", allowed more than ping-interval (1s)
          fleet.ping-interval = 10s         | fleet.hang-timeout: found "10s", allowed more than ping-interval (10s)
          fleet.stall-after = 20s           | fleet.hang-timeout: found "10s", allowed more than stall-after (20s)
          fleet.callback-warning = 0        | fleet.callback-warning: found 0, allowed off or a duration from 20ms to 1h
          fleet.lane-hang-timeout = 2s      | fleet.lane-hang-timeout: found "2s", allowed more than callback-warning (2s)
          fleet { lane-hang-timeout = 9s, callback-warning = off } | fleet.lane-hang-timeout: found "9s", allowed off
          fleet.backoff.max = 99ms          | fleet.backoff.max: found "99ms", allowed initial (100ms) or more
          fleet.backoff.initial = 31s       | fleet.backoff.max: found "30s", allowed initial (31s) or more
          worker.java = java                | worker.java: found "java", allowed an absolute path, or ""
          worker.java-options = "-Xmx1g"    | worker.java-options: found "-Xmx1g", allowed a list of texts ["...", ...]
          worker.java-options = [a, null]   | worker.java-options: found null in the list, allowed a list of texts ["...", ...]
          worker.environment = ["DB-URL"]   | worker.environment: found "DB-URL" in the list, allowed names of variables, or a beginning of names and *
          worker.environment = ["A*B"]      | worker.environment: found "A*B" in the list, allowed names of variables, or a beginning of names and *
          worker.environment = ["A=b"]      | worker.environment: found "A=b" in the list, allowed names of variables, or a beginning of names and *
          listener-defaults.high-water-mark = 1 | listener-defaults.high-water-mark: found 1, allowed a size from 1k to 64m
          listener-defaults.high-water-mark = 9zb9 | listener-defaults.high-water-mark: found "9zb9", allowed a size from 1k to 64m
          listener-defaults.max-pending = 1 | listener-defaults.max-pending: found 1, allowed a size from 1k to 1g
          listener-defaults.max-pending = 32k | listener-defaults.max-pending: found "32k", allowed no less than high-water-mark, 64k
          listener-defaults.high-water-mark = 17m | listener-defaults.max-pending: found "16m", allowed no less than high-water-mark, 17m
          listeners.web.high-water-mark = 17m | listeners.web.high-water-mark: found "17m", allowed no more than max-pending, 16m
          max-connections = none            | max-connections: found "none", allowed off or 1 to 100000000
          listener-defaults.idle-timeout = 1ms | listener-defaults.idle-timeout: found "1ms", allowed auto, off or a duration from 10ms to 1d
          listener-defaults.read-timeout = auto | listener-defaults.read-timeout: found "auto", allowed off or a duration from 10ms to 1d
          listener-defaults.lane = fast     | listener-defaults.lane: found "fast", allowed loop, ring or virtual
          worker.ring-size = 1000           | worker.ring-size: found 1000, allowed a power of two
          http.max-content = 99999999g      | http.max-content: found "99999999g", allowed a size from 0 to 2047m
          modules.hello = 1                 | modules.hello: found 1, allowed a block { ... }
          worker = 3                        | worker: found 3, allowed a block { ... }
          wrokers = 3                       | wrokers: found an unknown key, did you mean workers?
          fleet.max-unaked = 3              | fleet.max-unaked: found an unknown key, did you mean max-unacked?
          http.zzz = 3                      | http.zzz: found an unknown key, allowed max-content, max-content-in-memory, max-header or max-request-line
          """)
  void aWrongValueIsShownWithWhatIsAllowed(String line, String complaint) throws Exception {
    complaints(WEB + "baton." + line).containsExactly(file + ":2: baton." + complaint);
  }

  /** A listener that nobody guards must not look as if somebody did. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          listeners.raw.authenticator = staff | :3: baton.listeners.raw.authenticator: found "staff"
          listener-defaults.authenticator = staff | :2: baton.listeners.raw.authenticator: found nothing
          """)
  void anAuthenticatorIsForHttpOnly(String line, String complaint) throws Exception {
    complaints(
            "baton.listeners.web { endpoint = \"unix:w\", codec = http, service = hello }\n"
                + "baton.listeners.raw { endpoint = \"unix:r\", codec = raw, service = echo }\n"
                + "baton."
                + line)
        .containsExactly(
            file
                + complaint
                + ", allowed off: an authenticator is for codec = http, websocket and link only");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          endpoint = null                 | endpoint: found null, allowed tcp://HOST:PORT, unix:///PATH, unix:NAME, vsock://CID:PORT or vsock+unix:///PATH?port=PORT
          endpoint = "http://a:1"         | endpoint: found "http://a:1", allowed tcp://HOST:PORT, unix:///PATH, unix:NAME, vsock://CID:PORT or vsock+unix:///PATH?port=PORT
          endpoint = "tcp://a"            | endpoint: found "tcp://a", allowed a port after the last colon
          endpoint = "tcp://a:0"          | endpoint: found "tcp://a:0", allowed a port from 1 to 65535
          endpoint = "vsock://x:1"        | endpoint: found "vsock://x:1", allowed any, local, host or a context id of 32 bits
          endpoint = "unix:admin.sock"    | endpoint: found "unix:admin.sock", allowed any path but that of the admin socket
          endpoint = "tcp://LOCALHOST:8080" | endpoint: found "tcp://LOCALHOST:8080", allowed any but that of listener a
          endpoint = "unix:./a/../b.sock" | endpoint: found "unix:./a/../b.sock", allowed any but that of listener b
          codec = "web socket"             | codec: found "web socket", allowed frame, http, line, link, raw, websocket or a codec of one of your modules
          codec = ""                      | codec: found "", allowed frame, http, line, link, raw, websocket or a codec of one of your modules
          service = ""                    | service: found "", allowed a text of one line that is not empty
          routes { "/a" = b }             | routes: found a block, allowed routes only with codec = http and without a service
          placement = random              | placement: found "random", allowed least-load, least-connections, round-robin or peer-hash
          defer-accept = 500ms            | defer-accept: found "500ms", allowed auto, off or a duration from 1s to 1m
          backlog = 70000                 | backlog: found 70000, allowed 1 to 65535
          optional = maybe                | optional: found "maybe", allowed true or false
          mode = 0660                     | mode: found 660, allowed no mode, which is for Unix sockets only
          mode = 0888                     | mode: found 888, allowed permission bits such as "0660"
          backlogs = 1                    | backlogs: found an unknown key, did you mean backlog?
          """)
  void aWrongListenerToo(String line, String complaint) throws Exception {
    complaints(
            """
            baton.listeners {
              a { endpoint = "tcp://127.0.0.1:8080", codec = http, service = hello }
              b { endpoint = "unix:b.sock", codec = http, service = hello }
              c { endpoint = "tcp://127.0.0.1:8081", codec = http, service = hello }
            }
            baton.listeners.c.%s
            """
                .formatted(line))
        .containsExactly(file + ":6: baton.listeners.c." + complaint);
  }

  @Test
  void whatIsForTcpOnly() throws Exception {
    complaints(
            """
            baton.listeners.a { endpoint = "unix:a", codec = raw, service = s, defer-accept = 1s }
            """)
        .containsExactly(
            file
                + ":1: baton.listeners.a.defer-accept: found \"1s\", allowed no defer-accept, which"
                + " is for tcp only");
  }

  @Test
  void routesAreCheckedToo() throws Exception {
    complaints(
            """
            baton.listeners.web {
              endpoint = "unix:a", codec = http
              routes {
                hello = hello
                "/a" { codec = websocket, service = "", wait = 1 }
                "/b*" = b
                "/c" = { codec = websocket, service = c, body = stream }
                "/d" = { codec = http, service = d, body = pieces }
                "/e" = { codec = http, service = e, max-content = off }
                "/f" = { codec = websocket, service = f, origins = ["https://a/x"] }
                "/g" = { codec = http, service = g, origins = ["*"] }
                "/h" = { codec = websocket, service = h, origins = [] }
                "POST /i" = { codec = websocket, service = i }
                "GET /j/{a}" = j
                "GET /j/{b}" = j
              }
            }
            """)
        .containsExactlyInAnyOrder(
            file
                + ":4: baton.listeners.web.routes.hello: found \"hello\", allowed a path such as"
                + " \"/hello\", or \"/files/*\" for all below; before it perhaps a method and a host,"
                + " as in \"GET api.example.com/hello\"",
            file
                + ":5: baton.listeners.web.routes.\"/a\".service: found \"\", allowed a text of one"
                + " line that is not empty",
            file
                + ":5: baton.listeners.web.routes.\"/a\".wait: found an unknown key, allowed authenticator, body,"
                + " codec, compress, files, idle-timeout, lane, max-content, origins, read-timeout,"
                + " response-timeout, service, services, window-bytes, window-messages or"
                + " write-timeout",
            file
                + ":6: baton.listeners.web.routes.\"/b*\": found \"/b*\", allowed a * only at"
                + " the end of a path and behind a slash, as \"/files/*\"",
            file
                + ":7: baton.listeners.web.routes.\"/c\".body: found \"stream\", allowed no body,"
                + " which is for codec = http only",
            file
                + ":8: baton.listeners.web.routes.\"/d\".body: found \"pieces\", allowed whole or"
                + " stream",
            file
                + ":9: baton.listeners.web.routes.\"/e\".max-content: found \"off\", allowed a"
                + " size from 0 to 2047m",
            file
                + ":10: baton.listeners.web.routes.\"/f\".origins: found \"https://a/x\" in the"
                + " list, allowed an origin such as https://chat.example.com or"
                + " http://localhost:8080, without a path, or *",
            file
                + ":11: baton.listeners.web.routes.\"/g\".origins: found a list, allowed no"
                + " origins, which are for codec = websocket and link only",
            file
                + ":12: baton.listeners.web.routes.\"/h\".origins: found a list, allowed at least"
                + " one origin, or [\"*\"] for all",
            file
                + ":13: baton.listeners.web.routes.\"POST /i\".codec: found \"websocket\", allowed"
                + " http: WebSockets are opened by GET, so no request for \"POST /i\" opens one",
            file
                + ":15: baton.listeners.web.routes.\"GET /j/{b}\": found \"GET /j/{b}\", allowed one"
                + " pattern for the same requests, which \"GET /j/{a}\" is");
  }

  @Test
  void filesAndWhatIsNotOfARouteAreCheckedToo() throws Exception {
    Path directory = Files.createDirectory(file.resolveSibling("www"));
    complaints(
            """
            baton.listeners.web {
              endpoint = "unix:a", codec = http
              routes {
                "/a/*" = { files = "%s", service = a, body = stream }
                "/b" = { files = "%s" }
                "POST /c/*" = { files = "%s" }
                "/d/*" = { files = "%s/none" }
                "/e/*" = { files = "%s", codec = websocket }
                "/f" = { codec = http, service = f, lane = vitrual }
                "/g" = { codec = http, service = g, response-timeout = 1 }
                "/h" = { codec = websocket, service = h, response-timeout = 1s }
                "GET /i/*" = { files = "%s", response-timeout = off }
                "/j/*" = { files = "%s", lane = ring, read-timeout = 1s }
                "/k" = { codec = http, service = k, idle-timeout = 1s, window-bytes = 1k }
                "/l" = { codec = http, service = l, header-timeout = 1s, max-pending = 1m }
                "/m" = { codec = websocket, service = m, window-messages = 0 }
                "/n" = { codec = http, service = n, compress = off }
                "/o/*" = { files = "%s", compress = gzip }
              }
            }
            """
                .replace("%s", directory.toString()))
        .containsExactlyInAnyOrder(
            file
                + ":4: baton.listeners.web.routes.\"/a/*\".service: found \"a\", allowed no service"
                + " beside files, which need none",
            file
                + ":4: baton.listeners.web.routes.\"/a/*\".body: found \"stream\", allowed no body"
                + " beside files, which need none",
            file
                + ":5: baton.listeners.web.routes.\"/b\".files: found \"%s\", allowed files only for"
                    .formatted(directory)
                + " a path that ends with /*",
            file
                + ":6: baton.listeners.web.routes.\"POST /c/*\".files: found \"%s\", allowed files"
                    .formatted(directory)
                + " only for GET, or for all methods: the others get a 405",
            file
                + ":7: baton.listeners.web.routes.\"/d/*\".files: found \"%s/none\", allowed a"
                    .formatted(directory)
                + " directory that is there and that the server's user may read",
            file
                + ":8: baton.listeners.web.routes.\"/e/*\".codec: found \"websocket\", allowed http",
            file
                + ":9: baton.listeners.web.routes.\"/f\".lane: found \"vitrual\", allowed loop,"
                + " ring or virtual",
            file
                + ":10: baton.listeners.web.routes.\"/g\".response-timeout: found 1, allowed off"
                + " or a duration from 10ms to 1d",
            file
                + ":11: baton.listeners.web.routes.\"/h\".response-timeout: found \"1s\", allowed no"
                + " response-timeout, which is for codec = http only",
            file
                + ":13: baton.listeners.web.routes.\"/j/*\".lane: found \"ring\", allowed no lane"
                + " beside files, which are read on virtual threads",
            file
                + ":13: baton.listeners.web.routes.\"/j/*\".read-timeout: found \"1s\", allowed no"
                + " read-timeout beside files, which take no content",
            file
                + ":14: baton.listeners.web.routes.\"/k\".idle-timeout: found \"1s\", allowed no"
                + " idle-timeout in a route of http, for between two requests a connection is at no"
                + " route: set it for the listener",
            file
                + ":14: baton.listeners.web.routes.\"/k\".window-bytes: found \"1k\", allowed no"
                + " window-bytes in a route of http, whose services have one request, or one piece"
                + " of a body of at most 64 KiB, at a time",
            file
                + ":15: baton.listeners.web.routes.\"/l\".header-timeout: found \"1s\", allowed no"
                + " header-timeout in a route, for it runs before the route is known: set it for the"
                + " listener",
            file
                + ":15: baton.listeners.web.routes.\"/l\".max-pending: found \"1m\", allowed no"
                + " max-pending in a route, for it holds for the whole connection: set it for the"
                + " listener",
            file
                + ":16: baton.listeners.web.routes.\"/m\".window-messages: found 0, allowed auto or"
                + " 1 to 65536",
            file
                + ":17: baton.listeners.web.routes.\"/n\".compress: found \"off\", allowed no"
                + " compress, which is for files only",
            file
                + ":18: baton.listeners.web.routes.\"/o/*\".compress: found \"gzip\", allowed on or"
                + " off");
  }

  @Test
  void aListenerMustSayWhatItIs() throws Exception {
    complaints("baton.listeners {\n  web {}\n}")
        .containsExactly(
            file
                + ":2: baton.listeners.web.codec: found nothing, allowed frame, http, line, link, raw, websocket or a"
                + " codec of one of your modules",
            file
                + ":2: baton.listeners.web.endpoint: found nothing, allowed tcp://HOST:PORT,"
                + " unix:///PATH, unix:NAME, vsock://CID:PORT or vsock+unix:///PATH?port=PORT",
            file
                + ":2: baton.listeners.web.service: found nothing, allowed a text of one line that"
                + " is not empty");
  }

  @Test
  void aListenerHasAPlainName() throws Exception {
    complaints(WEB.replace("web", "\"We b\""))
        .containsExactly(
            file
                + ":1: baton.listeners.\"We b\": found \"We b\", allowed a name of a-z, 0-9 and -");
  }

  @Test
  void thereMustBeAListener() throws Exception {
    complaints("")
        .containsExactly(
            file + ": baton.listeners: found an empty block, allowed at least one listener");
  }

  @Test
  void aSocketPathOverTheKernelsLimitIsCountedInBytes() throws Exception {
    String name = "/" + "é".repeat(53) + "x"; // 108 bytes, 55 characters
    complaints(
            "baton.listeners.web { endpoint = \"unix://%s\", codec = raw, service = s }"
                .formatted(name))
        .containsExactly(
            file
                + ":1: baton.listeners.web.endpoint: found \"unix://%s\", allowed a path of at most 107 bytes (%s has 108)"
                    .formatted(name, name));
    complaints(
            "baton { run-dir = \"/%s\", listeners.web { endpoint = \"unix:%s\", codec = raw, service = s } }"
                .formatted("r".repeat(50), "n".repeat(56)))
        .singleElement()
        .asString()
        .endsWith("nnn has 108)");
  }

  @Test
  void aSocketPathAtTheLimitIsFine() throws Exception {
    String name = "/" + "é".repeat(53); // 107 bytes
    Files.writeString(
        file,
        "baton.listeners.web { endpoint = \"unix://%s\", codec = raw, service = s }"
            .formatted(name));
    assertThat(SettingsReader.read(file, Map.of(), home).settings().listeners()).hasSize(1);
  }

  @Test
  void aRunDirectoryLeavesRoomForTheAdminSocket() throws Exception {
    String dir = "/" + "r".repeat(97);
    complaints(WEB + "baton.run-dir = \"" + dir + "\"")
        .containsExactly(
            file
                + ":2: baton.run-dir: found \"%s\", allowed a path with which <run-dir>/admin.sock has at most 107 bytes (it has 109)"
                    .formatted(dir));
  }

  @Test
  void theAdminAddressIsComparedWhateverItIsCalled() throws Exception {
    complaints(WEB + "baton.admin { host = localhost, port = 8080 }")
        .containsExactly(
            file + ":2: baton.admin.port: found 8080, allowed any but that of listener web");
  }

  @Test
  void anAddressOfAllInterfacesIsThatOfEach() throws Exception {
    complaints(
            WEB
                + "baton.listeners.all = ${baton.listeners.web} { endpoint = \"tcp://0.0.0.0:9901\" }")
        .containsExactly(
            file + ": baton.admin.port: found 9901, allowed any but that of listener all");
    complaints(
            WEB
                + "baton.listeners.all = ${baton.listeners.web} { endpoint = \"tcp://0.0.0.0:8080\" }")
        .containsExactly(
            file
                + ":1: baton.listeners.web.endpoint: found \"tcp://127.0.0.1:8080\", allowed any but that of listener all");
  }

  @Test
  void aCertificateIsWhereItsComplaintSays() throws Exception {
    String ec = TestFiles.identity("ec", home);
    complaints(
            WEB
                + """
                baton.listeners.web.tls {
                  certificates = [
                    %s
                    { chain = none.pem, key = none.key }
                    { chain = ec.pem, key = none.key }
                    { chain = ec.pem, key = rsa.key }
                    { chain = rsa.pem }
                    { chain = "", key = rsa.key, pass = x }
                  ]
                  client-ca = none.pem
                }
                """
                    .formatted(ec))
        .containsExactly(
            file
                + ":5: baton.listeners.web.tls.certificates[1].chain: found no file "
                + home.resolve("none.pem")
                + ", allowed a file in PEM with the server's certificate and those that lead from"
                + " it to an authority",
            file
                + ":6: baton.listeners.web.tls.certificates[2].key: found no file "
                + home.resolve("none.key")
                + ", allowed the certificate's private key in PEM, without a passphrase",
            file
                + ":7: baton.listeners.web.tls.certificates[3].key: found no file "
                + home.resolve("rsa.key")
                + ", allowed the certificate's private key in PEM, without a passphrase",
            file + ":8: baton.listeners.web.tls.certificates[4].key: found nothing, allowed a path",
            file + ":9: baton.listeners.web.tls.certificates[5].chain: found \"\", allowed a path",
            file
                + ":9: baton.listeners.web.tls.certificates[5].pass: found an unknown key, allowed"
                + " chain or key",
            file
                + ":11: baton.listeners.web.tls.client-ca: found no file "
                + home.resolve("none.pem")
                + ", allowed a file in PEM with the certificates of authorities");
  }

  @Test
  void aKeyIsRefusedWithItsPlace() throws Exception {
    TestFiles.identity("ec", home);
    Path key = TestFiles.put("client.key", home);
    complaints(
            WEB
                + "baton.listeners.web.tls.certificates = [\n  { chain = ec.pem\n    key ="
                + " client.key }]")
        .containsExactly(
            file
                + ":4: baton.listeners.web.tls.certificates[0].key: found in %s a private key that is not the certificate's, allowed the certificate's private key in PEM, without a passphrase"
                    .formatted(key));
  }

  @Test
  void aNameHasOneCertificateOfAListener() throws Exception {
    String ec = TestFiles.identity("ec", home);
    String rsa = TestFiles.identity("rsa", home);
    complaints(
            WEB + "baton.listeners.web.tls.certificates = [\n%s\n%s\n%s\n]".formatted(ec, rsa, ec))
        .containsExactly(
            file
                + ":5: baton.listeners.web.tls.certificates[2].chain: found a second certificate for localhost, allowed one for each name",
            file
                + ":5: baton.listeners.web.tls.certificates[2].chain: found a second certificate for *.example.org, allowed one for each name");
  }

  @Test
  void clientsAreNotAskedForCertificatesThatNobodyCouldIssue() throws Exception {
    String ec = TestFiles.identity("ec", home);
    complaints(
            WEB
                + "baton.listener-defaults.tls.certificates = [%s]\n".formatted(ec)
                + "baton.listener-defaults.tls.client-auth = optional\n")
        .containsExactly(
            file
                + ":3: baton.listener-defaults.tls.client-auth: found \"optional\", allowed none,"
                + " or a client-ca with the authorities of clients");
    complaints(
            WEB
                + "baton.listeners.web.tls {\n certificates = [%s]\n client-auth = require\n}"
                    .formatted(ec))
        .containsExactly(
            file
                + ":4: baton.listeners.web.tls.client-auth: found \"require\", allowed none, or a"
                + " client-ca with the authorities of clients");
    complaints(
            WEB
                + "baton.listener-defaults.tls.client-auth = optional\n"
                + "baton.listeners.web.tls { certificates = [%s] }".formatted(ec))
        .containsExactly(
            file
                + ":3: baton.listeners.web.tls.client-auth: found nothing, allowed none, or a"
                + " client-ca with the authorities of clients");
  }

  @Test
  void allComplaintsComeAtOnceInTheOrderOfTheFile() throws Exception {
    complaints(
            """
            baton {
              http { max-header = big }
              workers = 1000
              fleet {
                stall-after = 20x
                hang-timeout = 1s
                backof { initial = 1s }
              }
              admin.port = 0
              listeners { a { endpoint = "tcp://a:b", codec = "?", service = s, mode = x } }
            }
            batn = 1
            """)
        .containsExactly(
            file + ":2: baton.http.max-header: found \"big\", allowed a size from 64 to 1m",
            file + ":3: baton.workers: found 1000, allowed auto or 1 to 256",
            file + ":5: baton.fleet.stall-after: found \"20x\", allowed a duration from 1ms to 1m",
            file
                + ":6: baton.fleet.hang-timeout: found \"1s\", allowed more than ping-interval (1s)",
            file + ":7: baton.fleet.backof: found an unknown key, did you mean backoff?",
            file + ":9: baton.admin.port: found 0, allowed 1 to 65535",
            file
                + ":10: baton.listeners.a.codec: found \"?\", allowed frame, http, line, link, raw, websocket or a"
                + " codec of one of your modules",
            file
                + ":10: baton.listeners.a.endpoint: found \"tcp://a:b\", allowed a port from 1 to 65535",
            file
                + ":10: baton.listeners.a.mode: found \"x\", allowed permission bits such as \"0660\"",
            file + ":12: batn: found an unknown key, did you mean baton?");
  }

  @Test
  void anOverrideIsNamedAsItWasWritten() throws Exception {
    Files.writeString(file, WEB);
    refused(file, Map.of("baton.workers", "many", "workers", "4", "baton.http", "[1]"))
        .containsExactly(
            "-Dbaton.http: baton.http: found a list, allowed a block { ... }",
            "-Dbaton.workers: baton.workers: found \"many\", allowed auto or 1 to 256",
            "-Dworkers: workers: found an unknown key, allowed baton");
    refused(file, Map.of("baton..x", "1")).singleElement().asString().contains("baton..x");
    refused(file, Map.of("baton.worker.java-options", "[\"a"))
        .singleElement()
        .asString()
        .startsWith("-Dbaton.worker.java-options: ");
  }

  @Test
  void aFileThatCannotBeReadIsOneLine() throws Exception {
    refused(home.resolve("none.conf"), Map.of())
        .containsExactly(home.resolve("none.conf") + ": no such file");
    refused(home, Map.of()).containsExactly(home + ": found a directory, allowed a file");
  }

  @Test
  void aSyntaxErrorIsOneLineWithItsPlace() throws Exception {
    complaints("baton {\n  workers = 2\n  admin = }\n}")
        .singleElement()
        .asString()
        .startsWith(file + ":3: Expecting ");
    complaints("baton {\n  workers = 2\n").singleElement().asString().startsWith(file + ":3: ");
  }

  @Test
  void aSubstitutionWithoutAValueIsOneLineWithItsPlace() throws Exception {
    complaints(WEB + "baton.name = ${missing}")
        .containsExactly(file + ":2: Could not resolve substitution to a value: ${missing}");
    complaints("a = ${b}\nb = ${a}")
        .singleElement()
        .asString()
        .startsWith(file + ":")
        .contains("${");
  }

  @Test
  void aFileIsIncludedAndAUrlIsNot() throws Exception {
    complaints("include url(\"http://127.0.0.1:1/x\")")
        .containsExactly(file + ": include of http://127.0.0.1:1/x: found a URL, allowed a file");
    complaints("include \"http://127.0.0.1:1/x\"")
        .containsExactly(file + ": include of http://127.0.0.1:1/x: found a URL, allowed a file");
    complaints("include required(\"none.conf\")").singleElement().asString().contains("none.conf");
    complaints("include \"baton.conf\"").singleElement().asString().contains("cycle");
  }

  @Test
  void aComplaintAboutAnIncludedFileNamesThatFile() throws Exception {
    Path more = Files.writeString(home.resolve("more.conf"), "\nbaton.workers = 0");
    complaints(WEB + "include \"more.conf\"")
        .containsExactly(more + ":2: baton.workers: found 0, allowed auto or 1 to 256");
  }

  @Test
  void whatIsNestedBeyondAnySenseIsRefusedToo() throws Exception {
    complaints("baton.name = " + "[".repeat(200_000))
        .containsExactly(file + ": lists, blocks or substitutions nested too deeply");
    complaints(WEB + "baton.modules.m.l = " + "[".repeat(62) + "1" + "]".repeat(62))
        .containsExactly(file + ": lists and blocks nested deeper than 64 levels");
  }

  private ListAssert<String> complaints(String text) throws Exception {
    Files.writeString(file, text);
    return refused(file, Map.of());
  }

  private ListAssert<String> refused(Path path, Map<String, String> overrides) {
    return assertThat(
        catchThrowableOfType(
                ConfigurationException.class, () -> SettingsReader.read(path, overrides, home))
            .complaints());
  }

  @Test
  void aConfigurationHasABoundThatItsCommentsDoNotCountFor() throws Exception {
    String comment = "# " + "x".repeat(100) + "\n";
    String most = "\"" + "y".repeat(Configuration.MAX_BYTES) + "\"";
    Files.writeString(file, comment.repeat(100_000) + WEB);
    assertThat(SettingsReader.read(file, Map.of(), home).concluded()).doesNotContain("xxx");
    complaints(WEB + "baton.modules.m.text = " + most)
        .singleElement()
        .asString()
        .startsWith(file + ": found 8,3")
        .endsWith("bytes with the defaults and without comments, allowed up to 8,388,608");
  }
}
