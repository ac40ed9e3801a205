package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ServicesQueryTest {
  private final ServicesQuery query = new ServicesQuery(new byte[0]);
  private final ServerHandshake server = new ServerHandshake(Limits.DEFAULT, new Random(1));

  private static List<String> names(int number) {
    return IntStream.range(0, number).mapToObj("%0255d"::formatted).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 249, 250, 251, 500, 5_000})
  void aClientIsToldAllNamesHoweverManyAndLong(int number) {
    ByteBuffer bytes = ByteBuffer.allocate(1_000);
    while (query.pending()) {
      query.write(bytes);
    }
    assertThat(server.read(bytes.flip())).isEqualTo(ServerHandshake.State.ASKED);
    server.services(names(number));
    ClientHandshake.State state = ClientHandshake.State.WAITING;
    while (server.pending()) {
      assertThat(state).isEqualTo(ClientHandshake.State.WAITING);
      server.write(bytes.clear());
      state = query.read(bytes.flip());
    }
    assertThat(state).isEqualTo(ClientHandshake.State.WELCOMED);
    assertThat(query.services()).isEqualTo(names(number));
  }

  @Test
  void thereIsABound() {
    ByteBuffer bytes = ByteBuffer.allocate(1_000);
    query.write(bytes);
    server.read(bytes.flip());
    assertThatIllegalArgumentException().isThrownBy(() -> server.services(names(65_537)));
  }
}
