package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DialerInTurnTest {
  private final List<String> dialed = new ArrayList<>();
  private final List<String> reachable = new ArrayList<>();
  private final Dialer dialer = new DialerInTurn(List.of(machine("a"), machine("b"), machine("c")));

  private Dialer machine(String name) {
    return longest -> {
      dialed.add(name);
      if (!reachable.contains(name)) {
        throw new IOException(name + " is not reachable");
      }
      return new HandshakeConnection(server -> {}, null);
    };
  }

  private void cannotConnect() {
    assertThatThrownBy(() -> dialer.dial(Duration.ofSeconds(1))).isInstanceOf(IOException.class);
  }

  private void connects() throws Exception {
    assertThat(dialer.dial(Duration.ofSeconds(1))).isNotNull();
  }

  @Test
  void aMachineThatIsNotReachableIsFollowedByTheNextOneAndTheLastByTheFirst() {
    for (int i = 0; i < 4; i++) {
      cannotConnect();
    }
    assertThat(dialed).containsExactly("a", "b", "c", "a");
  }

  @Test
  void aMachineThatWasReachedIsDialedAgain() throws Exception {
    reachable.add("b");
    cannotConnect();
    connects();
    connects();
    assertThat(dialed).containsExactly("a", "b", "b");
    reachable.clear();
    cannotConnect();
    cannotConnect();
    assertThat(dialed).containsExactly("a", "b", "b", "b", "c");
  }
}
