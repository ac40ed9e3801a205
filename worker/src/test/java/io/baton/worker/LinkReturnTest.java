package io.baton.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.config.SettingsFixture;
import io.baton.link.TypeSet;
import io.baton.link.core.Limits;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Taken;
import io.baton.service.Hold;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
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
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients of Link that lose their connection at any byte, and go on with their session. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // recvmsg heeds no interrupt
@ExtendWith(NoLeaks.class)
class LinkReturnTest {
  private static final int NO_LIMIT = Integer.MAX_VALUE;

  /** More than a handshake of a client that comes back has, in either direction. */
  private static final int LONGEST_CUT = 150;

  private static final TypeSet TYPES = new TypeSet("a schema".getBytes(UTF_8));

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final BlockingQueue<Hold> held = new LinkedBlockingQueue<>();
  private final List<SocketChannel> sockets = new ArrayList<>();
  private final FakeManager manager = new FakeManager();
  private final Worker worker;
  private long connections;

  LinkReturnTest() throws Exception {
    LinkServices.Named named =
        new LinkServices.Named("s", Counting::new, List.of(), List.of(), Optional.empty());
    LinkServices services =
        new LinkServices(Map.of("s", named), Limits.DEFAULT, new AuthenticationCounters());
    Route<?, ?> route =
        new Route<>(
            "link",
            new Protocol<>("", new HandshakeCodec(services), () -> HandshakeCodec.NO_SERVICE),
            services.protocols(),
            TestRoutes.options("awaits-return = 1h"));
    worker =
        new Worker(
            SettingsFixture.settings("fleet.drain-timeout = 50ms"),
            List.of(route),
            manager.workersEnd);
    worker.start();
    var _ = manager.await(Ready.class);
  }

  /** Numbers what it hears; holds what begins with "hold". */
  private final class Counting implements Service<LinkInput, LinkOutput>, Resumable<LinkOutput> {
    private int count;

    @Override
    public void received(Session<LinkOutput> session, LinkInput input) {
      if (input instanceof LinkInput.Message(String _, TypeSet _, ByteBuffer bytes)) {
        String text = UTF_8.decode(bytes).toString();
        if (text.equals("hold")) {
          held.add(session.hold());
        }
        send(session, ++count + " " + text);
      }
    }

    @Override
    public void away(Session<LinkOutput> session) {
      told.add("away");
      send(session, ++count + " while away");
    }

    @Override
    public void back(Session<LinkOutput> session, OptionalLong last) {
      told.add("back");
    }

    private static void send(Session<LinkOutput> session, String text) {
      session.send(new LinkOutput.Message(TYPES, ByteBuffer.wrap(text.getBytes(UTF_8))));
    }
  }

  @AfterEach
  void close() throws Exception {
    for (SocketChannel each : sockets) {
      each.close();
    }
    worker.close();
    manager.close();
  }

  private SocketChannel connect() throws Exception {
    SocketChannel socket = manager.handOff(++connections, 0, manager.connect());
    assertThat(manager.await(Taken.class).id()).isEqualTo(connections);
    sockets.add(socket);
    return socket;
  }

  /** One connection of a client, which breaks when it has carried so many bytes. */
  private static final class Connection {
    private final SocketChannel socket;
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

    private boolean hears() throws IOException {
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

  private Connection connection(CoreClient client, int out, int in) throws Exception {
    return new Connection(connect(), client, out, in);
  }

  private CoreClient begin() throws Exception {
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

  private static void saysSome(CoreClient client, int number) {
    IntStream.range(0, number).forEach(_ -> client.says("again"));
  }

  /** Every message has come once, and in order; those on being away come in between. */
  private static void assertComplete(CoreClient client, int said) {
    for (int i = 0; i < client.told.size(); i++) {
      assertThat(client.told.get(i)).startsWith(i + 1 + " ");
    }
    assertThat(heard(client)).isEqualTo(said);
  }

  private static BooleanSupplier hasHeard(CoreClient client, int answers) {
    return () -> heard(client) >= answers;
  }

  private static int heard(CoreClient client) {
    return count(client, "again");
  }

  private static int count(CoreClient client, String text) {
    return (int) client.told.stream().filter(each -> each.endsWith(text)).count();
  }

  private void finish(CoreClient client, int said) throws Exception {
    client.comesBack();
    Connection last = connection(client, NO_LIMIT, NO_LIMIT);
    last.carry(hasHeard(client, said));
    last.breaks(false);
    assertComplete(client, said);
  }

  @Test
  void nothingIsLostOrDoubledWhereverTheConnectionBreaks() throws Exception {
    CoreClient client = begin();
    int said = 0;
    for (int cut = 1; cut < LONGEST_CUT; cut++) {
      saysSome(client, 3);
      client.comesBack();
      Connection sending = connection(client, cut, NO_LIMIT);
      sending.carry(hasHeard(client, said + 3));
      sending.breaks(cut % 2 == 0);
      saysSome(client, 3);
      client.comesBack();
      Connection receiving = connection(client, NO_LIMIT, cut);
      receiving.carry(hasHeard(client, said + 6));
      receiving.breaks(cut % 3 == 0);
      said += 6;
      finish(client, said);
    }
  }

  @Test
  void aConnectionTakesThePlaceOfOneThatOnlySeemsToBeThere() throws Exception {
    CoreClient client = begin();
    client.comesBack();
    Connection former = connection(client, NO_LIMIT, NO_LIMIT);
    client.says("again");
    former.carry(hasHeard(client, 1));
    client.says("again");
    finish(client, 2);
    ByteBuffer last = ByteBuffer.allocate(1_000);
    while (former.socket.read(last) >= 0) {
      assertThat(last.position()).isLessThan(1_000);
    }
    assertThat(last.array()[3]).isEqualTo((byte) 14); // GOODBYE
  }

  @Test
  void aMessageThatIsWorkedOnWhileTheConnectionIsLostIsAcknowledgedBehindThat() throws Exception {
    CoreClient client = begin();
    client.comesBack();
    Connection first = connection(client, NO_LIMIT, NO_LIMIT);
    client.says("hold");
    first.carry(() -> count(client, "hold") > 0);
    Hold hold = held.take();
    told.clear();
    first.breaks(true);
    assertThat(told.take()).isEqualTo("away");
    client.comesBack();
    Connection second = connection(client, NO_LIMIT, NO_LIMIT);
    second.carry(() -> count(client, "while away") > 1);
    assertThat(client.core().queued()).isPositive();
    hold.release();
    client.says("again");
    while (client.core().queued() > 0) {
      byte[] bytes = client.sends();
      second.socket.write(ByteBuffer.wrap(bytes));
      assertThat(second.hears()).isTrue();
    }
    assertThat(heard(client)).isEqualTo(1);
  }
}
