package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UsualLinesTest {
  private static final String DATE = "date: Wed, 04 Mar 2026 05:06:07 GMT\r\n";
  private static final String SERVER = "server: Baton\r\n";
  private static final int UNSAID = -1;

  private Instant now = Instant.parse("2026-03-04T05:06:07.999Z");
  private final UsualLines lines = new UsualLines(() -> now);

  private String write(boolean date, boolean server, int length) {
    ByteBuf to = Unpooled.buffer();
    lines.write(to, date, server, length);
    return to.toString(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void whatIsNotWantedIsLeftOut(boolean date, boolean server) {
    String signed = (date ? DATE : "") + (server ? SERVER : "");
    assertThat(write(date, server, 5)).isEqualTo(signed + "content-length: 5\r\n");
    assertThat(write(date, server, UNSAID)).isEqualTo(signed);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 10, 99, 100, 101, 65_536, 1_000_000_000, Integer.MAX_VALUE})
  void eachLengthIsSaid(int length) {
    assertThat(write(false, false, Integer.MAX_VALUE)).isNotEmpty(); // to be written over
    assertThat(write(false, false, length)).isEqualTo("content-length: " + length + "\r\n");
  }

  @Test
  void theDateFollowsTheClock() {
    assertThat(write(true, false, UNSAID)).isEqualTo(DATE);
    now = now.plusMillis(1);
    assertThat(write(true, false, UNSAID)).isEqualTo("date: Wed, 04 Mar 2026 05:06:08 GMT\r\n");
    now = now.minus(Duration.ofDays(1));
    assertThat(write(true, false, UNSAID)).isEqualTo("date: Tue, 03 Mar 2026 05:06:08 GMT\r\n");
  }
}
