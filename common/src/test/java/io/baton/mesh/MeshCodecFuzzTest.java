package io.baton.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.pipe.MalformedMessageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Any bytes at all are messages or malformed. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl common -am -Dtest=MeshCodecFuzzTest} looks for more.
 */
class MeshCodecFuzzTest {

  @FuzzTest(maxDuration = "2m")
  void whatReadsIsWrittenToTheSameBytes(byte[] bytes) {
    List<MeshMessage> messages;
    try {
      messages = MeshCodec.read(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    } catch (MalformedMessageException _) {
      return;
    }
    // Each message has one form only: what is written is what was read.
    ByteBuffer written = ByteBuffer.allocate(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
    messages.forEach(message -> assertThat(MeshCodec.write(message, written)).isTrue());
    assertThat(written.array()).isEqualTo(bytes);
  }
}
