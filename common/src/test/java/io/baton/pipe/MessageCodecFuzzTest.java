package io.baton.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Any bytes at all are messages or malformed. Under {@code mvn verify} this runs its seeds; {@code
 * JAZZER_FUZZ=1 mvn test -pl common -am -Dtest=MessageCodecFuzzTest} looks for more.
 */
class MessageCodecFuzzTest {

  @FuzzTest(maxDuration = "2m")
  void whatReadsIsWrittenToReadTheSame(byte[] bytes) throws MalformedMessageException {
    List<Message> messages;
    try {
      messages = MessageCodec.read(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    } catch (MalformedMessageException _) {
      return;
    }
    // Never longer than what was read: it fits.
    ByteBuffer written = ByteBuffer.allocate(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
    messages.forEach(message -> MessageCodec.write(message, written));
    assertThat(MessageCodec.read(written.flip())).isEqualTo(messages);
  }
}
