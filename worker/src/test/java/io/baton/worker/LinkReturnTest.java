package io.baton.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.TypeSet;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.service.Hold;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.codec.link.CoreClient;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Clients of Link that lose their connection at any byte, and go on with their session. */
class LinkReturnTest extends LinkReturnHarness {
  /** More than a handshake of a client that comes back has, in either direction. */
  private static final int LONGEST_CUT = 150;

  private static final TypeSet TYPES = new TypeSet("a schema".getBytes(UTF_8));

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final BlockingQueue<Hold> held = new LinkedBlockingQueue<>();

  LinkReturnTest() throws Exception {
    // A worker has been started.
  }

  @Override
  Service<LinkInput, LinkOutput> service() {
    return new Counting();
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
