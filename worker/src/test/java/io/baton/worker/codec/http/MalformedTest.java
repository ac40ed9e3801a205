package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.CutAnywhere;
import io.baton.worker.codec.CutAnywhere.Outcome;
import io.baton.worker.spool.Spool;
import io.baton.worker.spool.TestSpool;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is said to requests that are malformed, ambiguous or merely odd, and whether the connection
 * goes on. Decided by RFC 9112 and 9110; where these leave a choice, what could be read in two ways
 * is refused.
 *
 * <p>In the table {@code ~} is CRLF, {@code \n}, {@code \r}, {@code \t}, {@code \0} and {@code
 * \xHH} are the bytes, {@code {n*c}} is so many of a character, {@code HOST} the header that must
 * be there. Each is followed by a good request for {@code /next}, which is answered exactly if the
 * connection goes on.
 */
@ExtendWith(NoLeaks.class)
final class MalformedTest {
  private static final int MAX_LINE = 64;
  private static final int MAX_HEADER = 1024;
  private static final int MAX_CONTENT = 32;
  private static final String BOUNDS =
      "max-request-line = %d, max-header = %d, max-content = %d"
          .formatted(MAX_LINE, MAX_HEADER, MAX_CONTENT);

  private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

  private static final CutAnywhere HTTP =
      new CutAnywhere(new HttpCodec(SettingsFixture.http(BOUNDS), CLOCK), MalformedTest::answer);

  private static final CutAnywhere SPOOLED =
      new CutAnywhere(
          new HttpCodec(
              SettingsFixture.http(BOUNDS + ", max-content-in-memory = 2"),
              CLOCK,
              TestSpool.prompt()),
          MalformedTest::answer);

  private static final CutAnywhere STREAMED =
      new CutAnywhere(
              new RoutedHttpCodec(
                  SettingsFixture.http(BOUNDS),
                  CLOCK,
                  Spool.NONE,
                  List.of(
                      new Settings.HttpRoute("/*", "http", "s", Settings.Body.STREAM, MAX_CONTENT),
                      new Settings.HttpRoute("*", "http", "s", Settings.Body.STREAM, MAX_CONTENT)),
                  Map.of()),
              MalformedTest::answerAtTheEnd)
          .messagesAreReads();

  private static final Pattern REPEAT = Pattern.compile("\\{(\\d+)\\*([^}]+)}");
  private static final Pattern BYTE = Pattern.compile("\\\\x(..)");
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d+) [^\r]*\r\n");

  private static String answer(Object message, Consumer<Object> send) {
    FullHttpRequest request = (FullHttpRequest) message;
    send.accept(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
    return request.uri() + " " + request.content().toString(StandardCharsets.ISO_8859_1);
  }

  private static String answerAtTheEnd(Object piece, Consumer<Object> send) {
    if (piece instanceof LastHttpContent) {
      send.accept(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
    }
    return piece instanceof HttpRequest head ? head.uri() : "";
  }

  @ParameterizedTest(name = "{0}, {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // Lines
        "200 on   | GET / HTTP/1.1~HOST~~                              | as it should be",
        "400 ends | GET / HTTP/1.1\\nHOST~~                            | bare LF after the first line",
        "400 ends | GET / HTTP/1.1~HOST\\n~                            | bare LF after a header line",
        "400 ends | GET / HTTP/1.1~HOST~X: a\\n\\n                     | bare LFs at the end",
        "400 ends | GET / HTTP/1.1~HOST~X: a\\nY: b~~                  | bare LF between headers",
        "400 ends | GET / HTTP/1.1\\rHOST~~                            | bare CR after the first line",
        "400 ends | GET / HTTP/1.1~HOST~X: a\\rb~~                     | bare CR in a value",
        "400 ends | GET / HTTP/1.1\\r~HOST~~                           | two CRs",
        "200 on   | ~GET / HTTP/1.1~HOST~~                             | an empty line before it",
        "200 on   | {5*~}GET / HTTP/1.1~HOST~~                         | many empty lines before it",
        "400 ends | \\nGET / HTTP/1.1~HOST~~                           | LF before it",
        // The request line
        "400 ends | GET  / HTTP/1.1~HOST~~                             | two spaces",
        "400 ends | GET /  HTTP/1.1~HOST~~                             | two spaces later",
        "400 ends | ` GET / HTTP/1.1~HOST~~`                           | a space before it",
        "400 ends | GET / HTTP/1.1 ~HOST~~                             | a space behind it",
        "400 ends | GET\\t/ HTTP/1.1~HOST~~                            | a tab",
        "400 ends | GET\\x0b/\\x0cHTTP/1.1~HOST~~                      | VT and FF",
        "400 ends | GET /a b HTTP/1.1~HOST~~                           | a space in the target",
        "400 ends | GET /~HOST~~                                       | HTTP/0.9",
        "400 ends | GET~HOST~~                                         | only a method",
        "400 ends | G@T / HTTP/1.1~HOST~~                              | an @ in the method",
        "400 ends | G\\x80T / HTTP/1.1~HOST~~                          | a high byte in the method",
        "400 ends | \\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xfc\\x03 | TLS",
        "200 on   | get / HTTP/1.1~HOST~~                              | another method",
        "200 on   | GET /?a={b}\\x7cc HTTP/1.1~HOST~~                  | what browsers send",
        "400 ends | GET /a\\0 HTTP/1.1~HOST~~                          | NUL in the target",
        "400 ends | GET /a\\x7f HTTP/1.1~HOST~~                        | DEL in the target",
        "400 ends | GET /\\xc3\\xa4 HTTP/1.1~HOST~~                    | high bytes in the target",
        "400 ends | GET /a#b HTTP/1.1~HOST~~                           | a fragment",
        "400 ends | GET a HTTP/1.1~HOST~~                              | a relative target",
        "200 on   | GET http://a/b HTTP/1.1~HOST~~                     | an absolute target",
        "200 on   | GET HTTPS://a:1?b HTTP/1.1~HOST~~                  | an absolute target, no path",
        "400 ends | GET http:/// HTTP/1.1~HOST~~                       | an absolute target, no host",
        "400 ends | GET http://:80/ HTTP/1.1~HOST~~                    | an absolute target, only a port",
        "400 ends | GET http://u@a/ HTTP/1.1~HOST~~                    | user information",
        "400 ends | GET ftp://a/b HTTP/1.1~HOST~~                      | another scheme",
        "200 on   | OPTIONS * HTTP/1.1~HOST~~                          | the server as such",
        "400 ends | GET * HTTP/1.1~HOST~~                              | which cannot be had",
        "501 ends | CONNECT a:443 HTTP/1.1~HOST~~                      | a proxy's",
        "400 ends | GET / http/1.1~HOST~~                              | lower case",
        "400 ends | GET / HTTP/1.10~HOST~~                             | two digits",
        "400 ends | GET / HTTP/01.1~HOST~~                             | two digits before the dot",
        "400 ends | GET / HTTP/1,1~HOST~~                              | a comma",
        "400 ends | GET / HTTP/1.~HOST~~                               | no minor version",
        "400 ends | GET / HTTPS/1.1~HOST~~                             | another protocol",
        "200 on   | GET / HTTP/1.2~HOST~~                              | a minor version to come",
        "505 ends | GET / HTTP/2.0~HOST~~                              | HTTP/2",
        "505 ends | PRI * HTTP/2.0~~SM~~                               | HTTP/2's preface",
        "505 ends | GET / HTTP/0.9~HOST~~                              | HTTP/0.9 by name",
        "414 ends | GET /{60*a} HTTP/1.1~HOST~~                        | a long line",
        "414 ends | GET /{1000*a}                                      | a line without end",
        "414 ends | {1000*A}                                           | a method without end",
        // Host
        "400 ends | GET / HTTP/1.1~~                                   | no Host",
        "200 ends | GET / HTTP/1.0~~                                   | no Host in 1.0",
        "400 ends | GET / HTTP/1.1~HOST~HOST~~                         | two",
        "400 ends | GET / HTTP/1.0~HOST~Host: b~~                      | two in 1.0",
        "400 ends | GET / HTTP/1.1~Host:~~                             | an empty one",
        "400 ends | GET / HTTP/1.1~Host: :80~~                         | a port alone",
        "200 on   | GET / HTTP/1.1~Host: a:80~~                        | with a port",
        "200 on   | GET / HTTP/1.1~Host: [::1]:80~~                    | with an address",
        "400 ends | GET / HTTP/1.1~Host: [::1~~                        | with half an address",
        "400 ends | GET / HTTP/1.1~Host: a:b~~                         | with no port",
        "400 ends | GET / HTTP/1.1~Host: a/b~~                         | with a path",
        "400 ends | GET / HTTP/1.1~Host: u@a~~                         | with a user",
        "400 ends | GET / HTTP/1.1~Host: a b~~                         | with a space",
        // Header lines
        "400 ends | GET / HTTP/1.1~HOST~X : a~~                        | a space before the colon",
        "400 ends | GET / HTTP/1.1~HOST~X\\t: a~~                      | a tab before the colon",
        "400 ends | GET / HTTP/1.1~HOST~X: a~ b~~                      | a folded line",
        "400 ends | GET / HTTP/1.1~HOST~X: a~\\tb~~                    | folded with a tab",
        "400 ends | GET / HTTP/1.1~ X: a~HOST~~                        | a space before the first",
        "400 ends | GET / HTTP/1.1~HOST~X~~                            | no colon",
        "400 ends | GET / HTTP/1.1~HOST~: a~~                          | no name",
        "400 ends | GET / HTTP/1.1~HOST~X(: a~~                        | a bracket in the name",
        "400 ends | GET / HTTP/1.1~HOST~X\\0: a~~                      | NUL in the name",
        "400 ends | GET / HTTP/1.1~HOST~X: a\\0b~~                     | NUL in the value",
        "400 ends | GET / HTTP/1.1~HOST~X: a\\x01b~~                   | a control in the value",
        "400 ends | GET / HTTP/1.1~HOST~X:\\x0ba~~                     | VT before the value",
        "200 on   | GET / HTTP/1.1~HOST~X:~~                           | an empty value",
        "200 on   | GET / HTTP/1.1~HOST~X: \\t a\\tb \\t~~             | blanks around the value",
        "200 on   | GET / HTTP/1.1~HOST~X: \\xc3\\xa4~~                | high bytes in the value",
        "431 ends | GET / HTTP/1.1~HOST~X: {1100*a}~~                  | a long line",
        "431 ends | GET / HTTP/1.1~HOST~X: {3000*a}                    | a line without end",
        "431 ends | GET / HTTP/1.1~HOST~{300*X: a~}~                   | many bytes of lines",
        "431 ends | GET / HTTP/1.1~HOST~{100*X:~}~                     | many lines",
        // How long the body is
        "200 on   | POST / HTTP/1.1~HOST~Content-Length: 3~~abc        | a length",
        "200 on   | POST / HTTP/1.1~HOST~Content-Length: 003~~abc      | with zeros",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length: 3~Content-Length: 4~~abc | two lengths",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length: 3~Content-Length: 3~~abc | twice the length",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length: 3, 3~~abc     | a list of lengths",
        "400 ends | POST / HTTP/1.0~Content-Length: 3~Content-Length: 4~~abc | two lengths in 1.0",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length: -1~~          | a negative length",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length: +3~~abc       | a sign",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length: 0x3~~abc      | another base",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length: 3 3~~abc      | a blank inside",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length: 3.0~~abc      | a fraction",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length:~~             | no length",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length: 18446744073709551619~~abc | 2^64 + 3",
        "413 ends | POST / HTTP/1.1~HOST~Content-Length: 10000000000~~ | 10 GB",
        "400 ends | GET / HTTP/1.1~HOST~Sec-WebSocket-Key1: 1~Sec-WebSocket-Key2: 2~~ | 8 unsaid bytes",
        "400 ends | GET / HTTP/1.1~HOST~Sec-WebSocket-Key1: 1~~        | half of that",
        "400 ends | GET / HTTP/1.1~HOST~sec-websocket-key2: 2~~        | its other half",
        "413 ends | POST / HTTP/1.1~HOST~Content-Length: 33~~          | one more than allowed",
        "413 ends | POST / HTTP/1.1~HOST~Expect: 100-continue~Content-Length: 33~~ | asked before",
        "200 on   | POST / HTTP/1.1~HOST~Transfer-Encoding: chunked~~3~abc~0~~ | chunks",
        "200 on   | POST / HTTP/1.1~HOST~Transfer-Encoding: ChunkeD~~0~~ | in capitals",
        "400 ends | POST / HTTP/1.1~HOST~Content-Length: 3~Transfer-Encoding: chunked~~0~~ | CL + TE",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding: chunked~Content-Length: 3~~0~~ | TE + CL",
        "400 ends | POST / HTTP/1.2~HOST~Transfer-Encoding: chunked~Content-Length: 3~~0~~ | in 1.2",
        "400 ends | POST / HTTP/1.0~Transfer-Encoding: chunked~~0~~    | TE in 1.0",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding: chunked, chunked~~0~~ | twice",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding: chunked~Transfer-Encoding: chunked~~0~~ | in two lines",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding: chunked, gzip~~0~~ | not the last",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding: gzip~~     | another",
        "501 ends | POST / HTTP/1.1~HOST~Transfer-Encoding: gzip, chunked~~0~~ | another and chunked",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding: identity~Content-Length: 3~~abc | identity",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding: xchunked~~0~~ | one that sounds like it",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding: \"chunked\"~~0~~ | quoted",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding: \\x0bchunked~~0~~ | behind a VT",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding:~~          | none",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding : chunked~~0~~ | a space before the colon",
        "400 ends | POST / HTTP/1.1~HOST~Transfer-Encoding:~ chunked~~0~~ | folded",
        "417 ends | POST / HTTP/1.1~HOST~Expect: tea~Content-Length: 3~~abc | an expectation",
        "200 ends | POST / HTTP/1.0~Expect: tea~Content-Length: 3~~abc | an expectation in 1.0",
        // Chunks
        "400 ends | CHUNKED~~x~abc~0~~                                 | no number",
        "400 ends | CHUNKED~~~abc~0~~                                  | an empty number",
        "400 ends | CHUNKED~~0x3~abc~0~~                               | another base",
        "400 ends | CHUNKED~~-3~abc~0~~                                | a sign",
        "400 ends | CHUNKED~~ 3~abc~0~~                                | a space before it",
        "400 ends | CHUNKED~~3 ~abc~0~~                                | a space behind it",
        "413 ends | CHUNKED~~100000003~abc~0~~                         | 2^32 + 3",
        "413 ends | CHUNKED~~10000000000000003~abc~0~~                 | 2^64 + 3",
        "400 ends | CHUNKED~~3\\nabc~0~~                               | bare LF behind the size",
        "400 ends | CHUNKED~~3~abc\\n0~~                               | bare LF behind the data",
        "400 ends | CHUNKED~~3~abcd~0~~                                | more data than it says",
        "400 ends | CHUNKED~~3~abc~0\\n\\n                             | bare LFs at the end",
        "200 on   | CHUNKED~~3;a=b;c=\"d\"~abc~0~~                     | extensions",
        "400 ends | CHUNKED~~3;a=\\nb~abc~0~~                          | LF in an extension",
        "400 ends | CHUNKED~~3;{100*a}~abc~0~~                         | a long extension",
        "400 ends | CHUNKED~~3;{1000*a}                                | an extension without end",
        "413 ends | CHUNKED~~21~{33*a}~0~~                             | one more than allowed",
        "413 ends | CHUNKED~~{3*10~0123456789abcdef~}0~~               | in small pieces",
        "200 on   | CHUNKED~~{32*1~a~}0~~                              | in the smallest",
        "200 on   | CHUNKED~~0~X: a~Y: b~~                             | trailers",
        "400 ends | CHUNKED~~0~X a~~                                   | a trailer without colon",
        "400 ends | CHUNKED~~0~X: a\\nY: b~~                           | bare LF between trailers",
        "431 ends | CHUNKED~~0~X: {1100*a}~~                           | long trailers",
        "431 ends | CHUNKED~~0~{101*A: b~}~                            | many trailers",
        "400 ends | CHUNKED~~0~A: b~ c~~                               | a folded trailer",
        "400 ends | CHUNKED~~0~A: \\0~~                                 | NUL in a trailer",
      })
  void requestsAreAnsweredAsTheTableSays(String expected, String request, String what) {
    String[] words = expected.split(" ", -1);
    boolean on = words[1].equals("on");
    String next = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";
    byte[] bytes = (bytes(request) + next).getBytes(StandardCharsets.ISO_8859_1);

    boolean hasBody = request.contains("CHUNKED") || request.contains("Content-Length");
    for (CutAnywhere form : hasBody ? List.of(HTTP, SPOOLED, STREAMED) : List.of(HTTP)) {
      check(form.uncut(bytes), words[0], on, what);
      form.everyCut(bytes); // it is no question of how the bytes come
    }
  }

  private static void check(Outcome outcome, String status, boolean on, String what) {
    List<String> statuses =
        STATUS.matcher(outcome.output()).results().map(found -> found.group(1)).toList();
    List<String> both = new ArrayList<>(List.of(status));
    if (on) {
      both.add("200");
    }
    assertThat(statuses).as(what).isEqualTo(both);
    assertThat(outcome.messages().toString().contains("/next")).isEqualTo(on);
    assertThat(outcome.output().contains("connection: close")).isEqualTo(!on);
  }

  private static String bytes(String text) {
    String all =
        text.replace("HOST", "Host: h")
            .replace("CHUNKED~", "POST / HTTP/1.1~Host: h~Transfer-Encoding: chunked~");
    all =
        REPEAT
            .matcher(all)
            .replaceAll(found -> found.group(2).repeat(Integer.parseInt(found.group(1))));
    all =
        all.replace("~", "\r\n")
            .replace("\\n", "\n")
            .replace("\\r", "\r")
            .replace("\\t", "\t")
            .replace("\\0", "\0");
    return BYTE.matcher(all).replaceAll(found -> "" + (char) Integer.parseInt(found.group(1), 16));
  }
}
