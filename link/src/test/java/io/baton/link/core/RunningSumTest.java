package io.baton.link.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunningSumTest {
  @Test
  void sumIsTheOneOfTheStandard() {
    RunningSum sum = new RunningSum();
    sum.update(ByteBuffer.wrap("123456789".getBytes(US_ASCII)));
    assertThat(sum.value()).isEqualTo(0xE306_9283L);
  }

  @Test
  void sumGoesOnFromItsValueWhereverItIsCut() {
    long seed = Seeds.one(RunningSumTest.class);
    byte[] bytes = new byte[300];
    new Random(seed).nextBytes(bytes);
    RunningSum whole = new RunningSum();
    whole.update(ByteBuffer.wrap(bytes));
    for (int cut = 0; cut <= bytes.length; cut++) {
      RunningSum first = new RunningSum();
      first.update(ByteBuffer.wrap(bytes, 0, cut));
      RunningSum second = new RunningSum();
      second.set(first.value());
      assertThat(second.value()).isEqualTo(first.value());
      second.update(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
      assertThat(second.value()).as("seed %d, cut at %d", seed, cut).isEqualTo(whole.value());
    }
  }
}
