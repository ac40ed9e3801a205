package io.baton.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionKeyTest {

  @Test
  void whatIsWrittenIsRead() {
    Random random = new Random(1);
    for (int i = 0; i < 1_000; i++) {
      SessionKey key = new SessionKey(random.nextLong(), random.nextLong());
      assertThat(key.toString()).matches("[-_A-Za-z0-9]{22}");
      assertThat(SessionKey.parse(key.toString())).contains(key);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "AAAAAAAAAAAAAAAAAAAAA", // 21
        "AAAAAAAAAAAAAAAAAAAAAAA", // 23
        "AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAAAB", // bits that mean nothing
        "AAAAAAAAAAAAAAAAAAAAA+",
        "AAAAAAAAAAAAAAAAAAAA A",
        "äAAAAAAAAAAAAAAAAAAAAA"
      })
  void anythingElseIsNoKey(String text) {
    assertThat(SessionKey.parse(text)).isEmpty();
  }
}
