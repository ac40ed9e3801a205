package io.baton.worker.codec.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.SessionKey;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ResumeOfferTest {
  private static final SessionKey KEY = new SessionKey(-2, 3);
  private static final ResumeToken TOKEN =
      new ResumeToken(0x0102030405060708L, 0x090a0b0c0d0e0fffL);
  private static final String TICKET = ResumeOffer.ticket(KEY, TOKEN);

  @Test
  void aTicketIsReadWithAndWithoutANumber() {
    ResumeOffer offer = ResumeOffer.parse(TICKET).orElseThrow();
    assertThat(offer.key()).isEqualTo(KEY);
    assertThat(offer.token()).isEqualTo(TOKEN);
    assertThat(offer.last()).isEmpty();
    assertThat(ResumeOffer.parse(TICKET + ".999999999999999999").orElseThrow().last())
        .isEqualTo(OptionalLong.of(999_999_999_999_999_999L));
  }

  @Test
  void aTicketIsATokenOfHttp() {
    assertThat(TICKET).matches("[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{22}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "______________________",
        "__________4AAAAAAAAAAw.",
        "__________4AAAAAAAAAAw.AQIDBAUGBwgJCgsMDQ4P",
        "__________4AAAAAAAAAAw.AQIDBAUGBwgJCgsMDQ4P/w",
        "__________4AAAAAAAAAAw.AQIDBAUGBwgJCgsMDQ4P_x", // more than 128 bits
        "__________4AAAAAAAAAAw.AQIDBAUGBwgJCgsMDQ4P_w.",
        "__________4AAAAAAAAAAw.AQIDBAUGBwgJCgsMDQ4P_w.-1",
        "__________4AAAAAAAAAAw.AQIDBAUGBwgJCgsMDQ4P_w.٣",
        "__________4AAAAAAAAAAw.AQIDBAUGBwgJCgsMDQ4P_w.1000000000000000000",
        "__________4AAAAAAAAAAw.AQIDBAUGBwgJCgsMDQ4P_w.1.2",
        "____________AAAAAAAAAA!.AQIDBAUGBwgJCgsMDQ4P_w",
      })
  void whatIsNoTicketIsNotRead(String text) {
    assertThat(ResumeOffer.parse(text)).isEmpty();
  }

  @Test
  void aClientOffersToBeWelcomedOrToComeBack() {
    assertThat(ResumeOffer.isIn(List.of("chat", "baton.resume"))).isTrue();
    assertThat(ResumeOffer.isIn(List.of("baton.resume." + TICKET))).isTrue();
    assertThat(ResumeOffer.isIn(List.of("chat", "baton.resumed"))).isFalse();
    assertThat(ResumeOffer.named(List.of("baton.resume"))).isEmpty();
    assertThat(ResumeOffer.named(List.of("chat", "baton.resume", "baton.resume." + TICKET)))
        .contains(TICKET);
  }

  @Test
  void aWelcomeIsOneLineOfJson() {
    assertThat(new Welcome(TICKET, true, Duration.ofMillis(90_500)).json())
        .isEqualTo("{\"baton.resume\":\"%s\",\"resumed\":true,\"awaits\":90.5}".formatted(TICKET));
    assertThat(new Welcome(null, false, Duration.ZERO).json())
        .isEqualTo("{\"baton.resume\":null,\"resumed\":false,\"awaits\":0}");
  }
}
