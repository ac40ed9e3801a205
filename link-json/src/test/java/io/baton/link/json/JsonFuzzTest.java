package io.baton.link.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Optional;

/**
 * Any bytes at all are a message or refused, at a cost in proportion to their number. Under {@code
 * mvn verify} this runs its seeds; {@code JAZZER_FUZZ=1 mvn test -pl link-json -am
 * -Dtest=JsonFuzzTest} looks for more.
 */
class JsonFuzzTest {
  @FuzzTest(maxDuration = "2m")
  void anyBytesAreReadOrRefused(byte[] bytes) {
    Optional<Shop> read = HostileJsonTest.read(bytes, "message");
    if (read.isPresent()) {
      byte[] again = HostileJsonTest.bytes(read.get());
      assertThat(HostileJsonTest.read(again, "again").map(HostileJsonTest::bytes)).hasValue(again);
    }
  }
}
