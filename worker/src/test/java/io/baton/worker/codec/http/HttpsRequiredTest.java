package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.baton.worker.tls.PlaintextReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpsRequiredTest {
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");

  private final HttpsRequired http = new HttpsRequired(new UsualLines(() -> NOW));

  private PlaintextReply.Verdict verdict(byte[] first) {
    ByteBuf bytes = Unpooled.wrappedBuffer(first);
    PlaintextReply.Verdict verdict = http.to(bytes);
    assertThat(bytes.readableBytes()).isEqualTo(first.length);
    return verdict;
  }

  private PlaintextReply.Verdict verdict(String first) {
    return verdict(first.getBytes(StandardCharsets.ISO_8859_1));
  }

  private String reply(String first) {
    return switch (verdict(first)) {
      case PlaintextReply.Reply reply -> reply.bytes().toString(StandardCharsets.US_ASCII);
      case PlaintextReply.Foreign _, PlaintextReply.Undecided _ -> fail("no reply to " + first);
    };
  }

  @Test
  void aRequestIsAnsweredWithWhatToDo() {
    String text = "This port is for HTTPS: use https:// instead of http:// in the address.\n";
    String head =
        "HTTP/1.1 400 Bad Request\r\n"
            + "date: Wed, 04 Mar 2026 05:06:07 GMT\r\n"
            + "server: Baton\r\n"
            + ("content-length: " + text.length() + "\r\n")
            + "content-type: text/plain\r\n"
            + "connection: close\r\n\r\n";
    assertThat(reply("GET / HTTP/1.1\r\n")).isEqualTo(head + text);
    assertThat(reply("HEAD / HTTP/1.1\r\n")).isEqualTo(head);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET ", "OPTIONS *", "M-SEARCH *", "A /", "ABCDEFGHIJKLMNOPQRST /"})
  void aMethodAndASpaceAreARequest(String first) {
    assertThat(reply(first)).startsWith("HTTP/1.1 400");
    for (int end = 1; end <= first.indexOf(' '); end++) {
      assertThat(verdict(first.substring(0, end))).isInstanceOf(PlaintextReply.Undecided.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "get / HTTP/1.1",
        "hello world",
        "Hello",
        " GET /",
        "GET\r\n",
        "GET\t/",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "ABCDEFGHIJKLMNOPQRSTU", // one letter too many
        "\u0016\u0003\u0001\u0002\u0000\u0001", // a ClientHello of TLS
        "\u0080.\u0001\u0003\u0001\u0000\u0015\u0000", // one of SSLv2
        "\0\0\0\0\0",
        "\u00c7ET / HTTP/1.1"
      })
  void whatIsNoRequestIsNotAnswered(String first) {
    assertThat(verdict(first)).isInstanceOf(PlaintextReply.Foreign.class);
  }
}
