package io.baton.worker.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.ClusterSettings;
import io.baton.credentials.Credentials;
import io.nats.client.Options;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class NatsOptionsTest {

  @Test
  void whoPublishesOrSubscribesNeverWaitsForRoomAndNothingIsKeptWhileTheBrokerIsAway()
      throws Exception {
    ClusterSettings cluster =
        new ClusterSettings(
            List.of(URI.create("nats://127.0.0.1:4222")),
            "baton",
            List.of(),
            null,
            new ClusterSettings.Tls(null, null));
    Options options = NatsOptions.of(cluster, Credentials.NONE, "worker 0").build();
    // The library reads a negative number as 5,000, beyond which the event loop would wait.
    assertThat(options.getMaxMessagesInOutgoingQueue()).isZero();
    assertThat(options.getReconnectBufferSize()).isZero();
    assertThat(options.getMaxReconnect()).isNegative();
  }
}
