package io.baton.worker.topics;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;

/**
 * Any bytes at all are positions or malformed. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl worker -am -Dtest=TopicPositionsFuzzTest} looks for more.
 */
class TopicPositionsFuzzTest {

  @FuzzTest(maxDuration = "2m")
  void whatReadsIsWrittenToReadTheSame(byte[] bytes) {
    TopicPositions positions;
    try {
      positions = TopicPositions.decode(ByteBuffer.wrap(bytes));
    } catch (IllegalArgumentException malformed) {
      return;
    }
    assertThat(TopicPositions.decode(positions.encode())).isEqualTo(positions);
  }
}
