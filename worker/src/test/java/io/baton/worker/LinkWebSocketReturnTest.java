package io.baton.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.TypeSet;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.codec.link.CoreClient;
import io.baton.worker.codec.link.LinkServices;
import io.baton.worker.codec.websocket.FramedClient;
import io.baton.worker.codec.websocket.LinkInHttp;
import io.baton.worker.session.Route;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Clients of Link in a WebSocket that lose it at any byte, and go on over another one. */
class LinkWebSocketReturnTest extends LinkReturnHarness {
  /** More than both handshakes of a client that comes back have, in either direction. */
  private static final int LONGEST_CUT = 420;

  private static final TypeSet TYPES = new TypeSet("a schema".getBytes(UTF_8));

  LinkWebSocketReturnTest() throws Exception {}

  @Override
  Route<?, ?> route(LinkServices services) {
    return LinkInHttp.route(services, "", AWAITS_RETURN);
  }

  @Override
  Service<LinkInput, LinkOutput> service() {
    return new Counting();
  }

  /** Numbers what it hears. */
  private static final class Counting
      implements Service<LinkInput, LinkOutput>, Resumable<LinkOutput> {
    private int count;

    @Override
    public void received(Session<LinkOutput> session, LinkInput input) {
      if (input instanceof LinkInput.Message(String _, TypeSet _, ByteBuffer bytes)) {
        String text = ++count + " " + UTF_8.decode(bytes);
        session.send(new LinkOutput.Message(TYPES, ByteBuffer.wrap(text.getBytes(UTF_8))));
      }
    }

    @Override
    public void away(Session<LinkOutput> session) {}

    @Override
    public void back(Session<LinkOutput> session, OptionalLong last) {}
  }

  /**
   * Carries bytes over a new connection until the client has heard so many answers, or the
   * connection has carried its bytes and breaks.
   */
  private void carry(FramedClient client, int out, int in, int answers, boolean reset)
      throws Exception {
    int mayGo = out;
    int mayCome = in;
    SocketChannel socket = connect();
    while (mayGo > 0 && mayCome > 0 && client.client().told.size() < answers) {
      byte[] bytes = client.sends();
      int length = Math.min(mayGo, bytes.length);
      socket.write(ByteBuffer.wrap(bytes, 0, length));
      mayGo -= length;
      if (mayGo > 0) {
        mayCome -= hears(socket, client, mayCome);
      }
    }
    if (reset) {
      socket.setOption(StandardSocketOptions.SO_LINGER, 0);
    }
    socket.close();
  }

  private static int hears(SocketChannel socket, FramedClient client, int most) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(Math.min(most, 64 * 1024));
    int length = socket.read(into);
    assertThat(length).as("the server keeps the connection").isPositive();
    client.hears(Arrays.copyOf(into.array(), length));
    return length;
  }

  private static void saysSome(FramedClient client) {
    IntStream.range(0, 3).forEach(_ -> client.client().says("again"));
  }

  @Test
  void nothingIsLostOrDoubledWhereverTheConnectionBreaks() throws Exception {
    FramedClient client = new FramedClient(new CoreClient("s"), new Random(1));
    SocketChannel first = connect();
    while (!client.client().isWelcome()) {
      first.write(ByteBuffer.wrap(client.sends()));
      assertThat(hears(first, client, NO_LIMIT)).isPositive();
    }
    first.close();
    int said = 0;
    for (int cut = 1; cut < LONGEST_CUT; cut += 3) {
      saysSome(client);
      client.comesBack();
      carry(client, cut, NO_LIMIT, said + 3, cut % 2 == 0);
      saysSome(client);
      client.comesBack();
      carry(client, NO_LIMIT, cut, said + 6, cut % 4 == 0);
      said += 6;
      client.comesBack();
      carry(client, NO_LIMIT, NO_LIMIT, said, false);
      List<String> told = client.client().told;
      assertThat(told).hasSize(said);
      for (int i = 0; i < said; i++) {
        assertThat(told.get(i)).isEqualTo(i + 1 + " again");
      }
    }
  }
}
