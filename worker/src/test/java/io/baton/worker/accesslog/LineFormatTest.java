package io.baton.worker.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.testing.Seeds;
import java.time.ZoneOffset;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LineFormatTest {
  private static final Pattern COMBINED =
      Pattern.compile(
          "[!-~]+ - [!-~]+ \\[[^]]+] \"[^\"]*\" \\d{3} \\d+ \"[^\"]*\" \"[^\"]*\"[ -~]*\n");

  private final LineFormat combined = new CombinedFormat(ZoneOffset.ofHours(2));
  private final LineFormat json = new JsonFormat(1);

  private static String line(LineFormat format, AccessEntry entry) {
    StringBuilder to = new StringBuilder();
    format.append(entry, to);
    return to.toString();
  }

  @Test
  void aRequestIsALineOfTheCombinedFormat() {
    assertThat(line(combined, Entries.request(Entries.get("/hello?a=b"), 200)))
        .isEqualTo(
            "192.0.2.7 - alice [29/Nov/2026:21:00:00 +0200] \"GET /hello?a=b HTTP/1.1\" 200 12"
                + " \"-\" \"curl/8.5.0\"\n");
  }

  @Test
  void aRequestIsAnObjectOfJson() {
    assertThat(line(json, Entries.request(Entries.get("/hello?a=b"), 200)))
        .isEqualTo(
            "{\"time\":\"2026-11-29T19:00:00.123Z\",\"type\":\"request\",\"listener\":\"web\","
                + "\"worker\":1,\"session\":17,\"remote\":\"192.0.2.7\",\"user\":\"alice\","
                + "\"method\":\"GET\",\"target\":\"/hello?a=b\",\"protocol\":\"HTTP/1.1\","
                + "\"host\":\"example.com\",\"route\":\"/hello\",\"status\":200,\"bytes\":12,"
                + "\"duration\":0.001,\"userAgent\":\"curl/8.5.0\"}\n");
  }

  @Test
  void aRequestThatWasNotReadIsADash() {
    assertThat(line(combined, Entries.request(null, 408))).endsWith(" \"-\" 408 12 \"-\" \"-\"\n");
    assertThat(line(json, Entries.request(null, 408)))
        .contains("\"status\":408")
        .doesNotContain("method", "target");
  }

  @Test
  void aSessionIsALineThatReadersOfTheCombinedFormatUnderstand() {
    String line = line(combined, Entries.session("/chat"));
    assertThat(line)
        .matches(COMBINED)
        .endsWith(
            " \"SESSION /chat\" 000 220 \"-\" \"-\" end=client listener=web session=17"
                + " duration=12.345 in=3/120 out=4/220 moves=1\n");
    assertThat(line(combined, Entries.session(""))).contains("\"SESSION -\" 000");
  }

  @Test
  void aSessionIsAnObjectOfJson() {
    assertThat(line(json, Entries.session("/chat")))
        .contains("\"type\":\"session\"", "\"session\":17", "\"user\":\"alice\"")
        .endsWith(
            ",\"route\":\"/chat\",\"opened\":\"2026-11-29T18:59:47.778Z\",\"duration\":12.345,"
                + "\"messagesIn\":3,\"bytesIn\":120,\"messagesOut\":4,\"bytesOut\":220,"
                + "\"moves\":1,\"end\":\"client\"}\n");
  }

  @Test
  void anUnfinishedRequestSaysWhy() {
    RequestEntry entry =
        new RequestEntry(
            Entries.of(null), Entries.get("/"), 499, 0, 0, Entries.TIME_MS, CloseReason.CLIENT);
    assertThat(line(combined, entry)).startsWith("192.0.2.7 - - [").contains("\" 499 0 \"");
    assertThat(line(json, entry)).contains("\"end\":\"client\"").doesNotContain("\"user\"");
  }

  @Test
  void theAddressThatATrustedProxyNamesTakesThePeersPlace() {
    AccessEntry.Subject subject =
        new AccessEntry.Subject("web", 1, new Peer.Unix(2, 3), "198.51.100.9", null);
    RequestEntry entry =
        new RequestEntry(subject, Entries.get("/"), 200, 0, 0, Entries.TIME_MS, null);
    assertThat(line(combined, entry)).startsWith("198.51.100.9 - - [");
    assertThat(line(json, entry)).contains("\"remote\":\"198.51.100.9\"");
  }

  @Test
  void aPeerThatIsNotOfTcpIsOneField() {
    AccessEntry.Subject subject =
        new AccessEntry.Subject("web", 1, new Peer.Unix(2, 3), null, "a [b] \"c\"");
    RequestEntry entry =
        new RequestEntry(subject, Entries.get("/"), 200, 0, 0, Entries.TIME_MS, null);
    assertThat(line(combined, entry))
        .startsWith("unix:pid=2,uid=3 - a\\x20\\x5Bb\\x5D\\x20\\x22c\\x22 [")
        .matches(COMBINED);
  }

  @Test
  void noTextOfAClientEndsItsFieldOrItsLine() {
    String hostile = "\" 200 0\r\n127.0.0.1 - root\\x\u007f\u00e4\0";
    RequestEntry.Asked asked =
        new RequestEntry.Asked("G\"T", hostile, "HTTP/1.1", hostile, null, hostile, hostile);
    assertThat(line(combined, Entries.request(asked, 400)))
        .matches(COMBINED)
        .contains("G\\x22T \\x22 200 0\\x0D\\x0A127.0.0.1 - root\\x5Cx\\x7F\\xE4\\x00 HTTP/1.1");
    assertThat(line(json, Entries.request(asked, 400)))
        .containsOnlyOnce("\n")
        .contains("\"\\\" 200 0\\u000D\\u000A127.0.0.1 - root\\\\x\\u007F\\u00E4\\u0000\"");
  }

  @Test
  void anyTextIsOneLineOfAscii() {
    long seed = Seeds.one(LineFormatTest.class);
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      StringBuilder text = new StringBuilder();
      random.ints(20, 0, 0x200).forEach(c -> text.append((char) c));
      String any = text.toString();
      RequestEntry entry =
          new RequestEntry(
              Entries.of(any),
              new RequestEntry.Asked(any, any, "HTTP/1.1", any, any, any, any),
              200,
              1,
              1,
              Entries.TIME_MS,
              null);
      assertThat(line(combined, entry)).as("seed %s", seed).matches(COMBINED);
      assertThat(line(json, entry)).as("seed %s", seed).matches("[ -~]+}\n");
    }
  }

  @Test
  void aLineIsBoundedWhateverAClientSends() {
    String endless = "\0".repeat(1_000_000);
    RequestEntry entry =
        new RequestEntry(
            Entries.of(endless),
            new RequestEntry.Asked(endless, endless, "HTTP/1.1", endless, null, endless, endless),
            200,
            1,
            1,
            Entries.TIME_MS,
            null);
    assertThat(line(combined, entry)).hasSizeLessThan(16 * 1024);
    assertThat(line(json, entry)).hasSizeLessThan(32 * 1024);
  }

  @Test
  void theKeyOfASessionIsMasked() {
    RequestEntry.Asked asked =
        new RequestEntry.Asked(
            "GET",
            "/chat?a=1&baton.resume=KEY.TOKEN.3&b=2&baton.resume=KEY",
            "HTTP/1.1",
            null,
            null,
            "https://h/?baton.resume=KEY#x",
            null);
    for (LineFormat format : new LineFormat[] {combined, json}) {
      assertThat(line(format, Entries.request(asked, 101)))
          .doesNotContain("KEY", "TOKEN")
          .contains("/chat?a=1&baton.resume=***&b=2&baton.resume=***", "h/?baton.resume=***#x");
    }
  }
}
