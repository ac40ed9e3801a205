package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.config.SettingsFixture;
import io.baton.link.core.Limits;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Taken;
import io.baton.service.Service;
import io.baton.worker.codec.link.CoreClient;
import io.baton.worker.codec.link.HandshakeCodec;
import io.baton.worker.codec.link.LinkServices;
import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A worker with one service of Link, and clients of it whose connections break at any byte. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // recvmsg heeds no interrupt
@ExtendWith(NoLeaks.class)
abstract class LinkReturnHarness {
  static final int NO_LIMIT = Integer.MAX_VALUE;
  static final String AWAITS_RETURN = "awaits-return = 1h";

  private final List<SocketChannel> sockets = new ArrayList<>();
  private final FakeManager manager = new FakeManager();
  private final Worker worker;
  private long connections;

  LinkReturnHarness() throws Exception {
    LinkServices.Named named =
        new LinkServices.Named("s", this::service, List.of(), List.of(), Optional.empty());
    LinkServices services =
        new LinkServices(Map.of("s", named), Limits.DEFAULT, new AuthenticationCounters());
    worker =
        new Worker(
            SettingsFixture.settings("fleet.drain-timeout = 50ms"),
            List.of(route(services)),
            manager.workersEnd);
    worker.start();
    var _ = manager.await(Ready.class);
  }

  /** Returns the way to the service, within the constructor: plain Link. */
  Route<?, ?> route(LinkServices services) {
    return new Route<>(
        "link",
        new Protocol<>("", new HandshakeCodec(services), () -> HandshakeCodec.NO_SERVICE),
        services.protocols(),
        TestRoutes.options(AWAITS_RETURN));
  }

  /** Makes the service of a new session. */
  abstract Service<LinkInput, LinkOutput> service();

  @AfterEach
  void close() throws Exception {
    for (SocketChannel each : sockets) {
      each.close();
    }
    worker.close();
    manager.close();
  }

  final SocketChannel connect() throws Exception {
    SocketChannel socket = manager.handOff(++connections, 0, manager.connect());
    assertThat(manager.await(Taken.class).id()).isEqualTo(connections);
    sockets.add(socket);
    return socket;
  }

  /** One connection of a client, which breaks when it has carried so many bytes. */
  static final class Connection {
    final SocketChannel socket;
    private final CoreClient client;
    private int out;
    private int in;

    Connection(SocketChannel socket, CoreClient client, int out, int in) {
      this.socket = socket;
      this.client = client;
      this.out = out;
      this.in = in;
    }

    /** Carries bytes until this is so, or the connection is over. */
    void carry(BooleanSupplier done) throws IOException {
      boolean open = true;
      while (open && !done.getAsBoolean()) {
        byte[] bytes = client.sends();
        int length = Math.min(out, bytes.length);
        out -= length;
        socket.write(ByteBuffer.wrap(bytes, 0, length));
        open = length == bytes.length && out > 0 && in > 0 && hears();
      }
    }

    boolean hears() throws IOException {
      ByteBuffer into = ByteBuffer.allocate(Math.min(in, 64 * 1024));
      int length = socket.read(into);
      if (length > 0) {
        in -= length;
        client.hears(Arrays.copyOf(into.array(), length));
      }
      return length > 0;
    }

    void breaks(boolean reset) throws IOException {
      if (reset) {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
      socket.close();
    }
  }

  final Connection connection(CoreClient client, int out, int in) throws Exception {
    return new Connection(connect(), client, out, in);
  }

  final CoreClient begin() throws Exception {
    CoreClient client = new CoreClient("s");
    Connection first = connection(client, NO_LIMIT, NO_LIMIT);
    while (!client.isWelcome()) {
      byte[] bytes = client.sends();
      first.socket.write(ByteBuffer.wrap(bytes));
      assertThat(first.hears()).isTrue();
    }
    first.breaks(false);
    return client;
  }
}
