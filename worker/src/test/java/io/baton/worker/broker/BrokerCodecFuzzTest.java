package io.baton.worker.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.mesh.MeshMessage;
import io.baton.worker.topics.RemotePublications;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes at all, of whoever has the cluster's secret, are a message within its bounds or dropped
 * for a reason. Under {@code mvn verify} this runs its seeds, which lack the code; {@code
 * JAZZER_FUZZ=1 mvn test -pl worker -am -Dtest=BrokerCodecFuzzTest} looks for more.
 */
class BrokerCodecFuzzTest {
  private static final List<byte[]> SECRETS = List.of("a secret of the cluster".getBytes(UTF_8));
  private static final long WORKER = RemotePublications.number(77);
  private static final int MAX_TOPIC_BYTES = 255;
  private static final int MAX_SERVER_BYTES = 256;

  private final BrokerCodec codec = new BrokerCodec(1, WORKER, "prod", SECRETS);

  @FuzzTest(maxDuration = "2m")
  void whatReadsIsWithinItsBoundsAndWrittenToReadTheSame(byte[] bytes) {
    byte[] all = Arrays.copyOf(bytes, bytes.length + BrokerCodec.CODE_BYTES);
    codec.sign(all);
    if (!(codec.read(all) instanceof BrokerCodec.Read.Message read)) {
      return;
    }
    assertBounded(read.content());
    assertThat(RemotePublications.isRemote(read.worker())).isTrue();
    BrokerCodec its = new BrokerCodec(read.machine(), read.worker(), "prod", SECRETS);
    byte[] written = its.write(read.content());
    assertThat(written).hasSizeLessThanOrEqualTo(all.length);
    BrokerCodec.Read.Message again = (BrokerCodec.Read.Message) codec.read(written);
    assertThat(again.machine()).isEqualTo(read.machine());
    assertThat(again.worker()).isEqualTo(read.worker());
    assertThat(Arrays.equals(its.write(again.content()), written)).isTrue();
  }

  private static void assertBounded(BrokerMessage message) {
    switch (message) {
      case BrokerMessage.Publish m -> {
        assertTopic(m.topic());
        assertThat(m.n()).isPositive();
        assertThat(m.message()).hasSizeLessThanOrEqualTo(MeshMessage.MAX_MESSAGE_BYTES);
      }
      case BrokerMessage.Mark m -> {
        assertTopic(m.topic());
        assertThat(m.n()).isNotNegative();
      }
      case BrokerMessage.End m -> {
        assertTopic(m.topic());
        assertThat(m.n()).isNotNegative();
      }
      case BrokerMessage.Hello m ->
          assertThat(m.server().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(MAX_SERVER_BYTES);
      case BrokerMessage.OfMesh _, BrokerMessage.OfTransfers _, BrokerMessage.Bye _ -> {
        // One says no more, and for the others codecs of their own are responsible.
      }
    }
  }

  private static void assertTopic(String topic) {
    assertThat(topic.getBytes(UTF_8)).hasSizeBetween(1, MAX_TOPIC_BYTES);
  }
}
