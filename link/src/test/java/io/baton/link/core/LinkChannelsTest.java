package io.baton.link.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Message channels, asks and streams from sources, beside channel 0. */
class LinkChannelsTest {
  private static final Limits SMALL = new Limits(1_024, 2_048, 4_096, 6_000);

  private final Random random = new Random(1);
  private final RecordingEvents atClient = new RecordingEvents();
  private final RecordingEvents atServer = new RecordingEvents();
  private LinkCore client = open(SMALL).client();
  private LinkCore server = client;

  @BeforeEach
  void openSession() {
    open(SMALL, SMALL);
  }

  private void open(Limits ofClient, Limits ofServer) {
    Handshakes.Pair pair = Handshakes.open(ofClient, ofServer, random);
    client = pair.client();
    server = pair.server();
    client.define(0, ByteBuffer.allocate(3));
    server.define(0, ByteBuffer.allocate(3));
    carry(client, server);
    carry(server, client);
    atClient.lines.clear();
    atServer.lines.clear();
  }

  private Handshakes.Pair open(Limits limits) {
    return Handshakes.open(limits, limits, random);
  }

  @Test
  void channelIsFoundByItsNameUntilItEnds() {
    int channel = client.openMessages("jobs");
    assertThat(client.openMessages("jobs")).isEqualTo(channel);
    assertThat(client.openMessages("other")).isNotEqualTo(channel);
    client.streams().end(channel, LinkCode.DONE.number());
    assertThat(client.send(channel, 0, ByteBuffer.allocate(1))).isFalse();
    assertThat(client.openMessages("jobs")).isNotIn(-1, channel);
    assertThatThrownBy(() -> client.openMessages("x".repeat(256)))
        .hasMessage("a name has at most 255 bytes of UTF-8, not 256");
  }

  @Test
  void streamsAndMessageChannelsAreAtMost64Together() {
    for (int i = 0; i < 32; i++) {
      assertThat(client.openMessages("channel " + i)).isPositive();
      assertThat(client.streams().open("stream", 0)).isPositive();
    }
    assertThat(client.openMessages("one more")).isEqualTo(-1);
    assertThat(client.streams().open("one more", 0)).isEqualTo(-1);
    assertThat(client.streams().outgoing()).isEqualTo(32);
  }

  @Test
  void longestNameFitsIntoTheSmallestWindow() {
    open(SMALL, new Limits(256, 256, 256, 1_000));
    String name = "n".repeat(255);
    client.streams().open(name, 7);
    client.openMessages(name);
    for (int i = 0; i < 3; i++) {
      carry(client, server);
      server.grantAll();
      carry(server, client);
    }
    assertThat(atServer.lines).containsExactly("opened 1", "opened 3 " + name);
  }

  @Test
  void endOfAChannelIsToldBehindItsMessagesAndWaitsWithThem() {
    int channel = client.openMessages("jobs");
    client.send(channel, 0, ByteBuffer.allocate(1));
    client.send(channel, 0, ByteBuffer.allocate(2));
    client.streams().end(channel, LinkCode.DONE.number());
    client.send(0, ByteBuffer.allocate(3));
    atServer.takes = false;
    carry(client, server);
    server = LinkCore.restore(server.save());
    assertThat(atServer.lines).containsExactly("message of 3", "opened 1 jobs");
    atServer.takes = true;
    server.deliver(atServer);
    assertThat(atServer.lines).endsWith("message of 1", "message of 2", "ended 1 DONE");
    server.consumed(1, 4);
    server.grantAll();
    carry(server, client);
    assertThat(atClient.lines).as("the last message is not consumed").isEmpty();
    server.consumed(1, 5);
    server.grantAll();
    carry(server, client);
    assertThat(atClient.lines).containsExactly("delivered 1");
  }

  @Test
  void messageBehind32BusyStreamsWaitsForNoneOfThem() {
    Limits limits = new Limits(65_536, 65_536, 1 << 22, 1 << 22);
    open(limits, limits);
    for (int i = 0; i < 32; i++) {
      int channel = client.streams().open("bulk", -1);
      client.streams().write(channel, ByteBuffer.allocate(60_000));
    }
    ByteBuffer first = ByteBuffer.allocate(65_536);
    client.write(first);
    client.send(0, ByteBuffer.allocate(100));
    ByteBuffer second = ByteBuffer.allocate(65_536);
    client.write(second);
    assertThat(second.get(3)).isEqualTo((byte) FrameType.DATA.number());
    assertThat(second.get(4)).as("the channel of the first frame").isZero();
    assertThat(client.wanted()).as("streams still wait").isPositive();
    assertThat(framesOf(first.flip())).allMatch(length -> length <= Outbound.CHUNK_BYTES + 2);
  }

  private static List<Integer> framesOf(ByteBuffer bytes) {
    List<Integer> lengths = new ArrayList<>();
    while (bytes.hasRemaining()) {
      int length = bytes.getInt() >>> 8;
      lengths.add(length);
      bytes.position(bytes.position() + length);
    }
    return lengths;
  }

  @Test
  void eightHalfMessagesNeverWaitForEachOther() {
    for (int i = 0; i < 8; i++) {
      int channel = client.openMessages("channel " + i);
      assertThat(client.send(channel, 0, ByteBuffer.allocate(700))).isTrue();
    }
    for (int i = 0; i < 30; i++) {
      ByteBuffer some = ByteBuffer.allocate(200);
      client.write(some);
      server.read(some.flip(), atServer);
      assertThat(client.sending().turns().reserved()).isLessThanOrEqualTo(SMALL.credit());
    }
    assertThat(atServer.lines.stream().filter("message of 700"::equals))
        .as("5 of 8 fit into the credit, and none is half")
        .hasSize(5);
    assertThat(client.sending().turns().reserved()).isZero();
  }

  @Test
  void askIsAnsweredOnceAndCancelledOnesAreNotTold() {
    long first = client.ask(0, 0, ByteBuffer.allocate(1));
    long second = client.ask(0, 0, ByteBuffer.allocate(1));
    long third = client.ask(0, 0, ByteBuffer.allocate(1));
    carry(client, server);
    assertThat(server.openAsks()).isEqualTo(3);
    assertThat(server.reply(0, first, 0, ByteBuffer.allocate(2))).isTrue();
    assertThat(server.reply(0, first, 0, ByteBuffer.allocate(2))).as("again").isFalse();
    assertThat(server.reply(2, second, 0, ByteBuffer.allocate(2))).as("elsewhere").isFalse();
    assertThat(server.reply(0, second, 0, ByteBuffer.allocate(3))).isTrue();
    assertThat(client.cancel(0, second)).isTrue();
    assertThat(client.cancel(0, third)).isTrue();
    carry(client, server);
    assertThat(atServer.lines).endsWith("CANCEL 3");
    assertThat(server.reply(0, third, 0, ByteBuffer.allocate(4))).isFalse();
    assertThat(client.ownAsks()).isEqualTo(3);
    carry(server, client);
    assertThat(atClient.lines).containsExactly("REPLY 1 of 2");
    assertThat(client.ownAsks() + server.openAsks()).isZero();
  }

  @Test
  void noMoreThan1024AsksAreOpen() {
    for (int i = 0; i < 1_024; i++) {
      assertThat(client.ask(0, 0, ByteBuffer.allocate(0))).isEqualTo(i + 1);
    }
    assertThat(client.canAsk()).isFalse();
    assertThatThrownBy(() -> client.ask(0, 0, ByteBuffer.allocate(0)))
        .hasMessage("1,024 asks are open");
  }

  @Test
  void asksAreCancelledAfterAMoveAndKeptByTheOtherSide() {
    client.ask(0, 0, ByteBuffer.allocate(1));
    carry(client, server);
    server = LinkCore.restore(server.save());
    assertThat(server.openAsks()).isEqualTo(1);
    client = LinkCore.restore(client.save());
    client.cancelAsks();
    carry(client, server);
    assertThat(atServer.lines).containsExactly("ASK 1 of 1", "CANCEL 1");
    assertThat(server.openAsks()).isZero();
  }

  @Test
  void answerOfAnAskOnAChannelTakesTheChannelOfTheSameNameIfItIsOpen() {
    int channel = client.openMessages("jobs");
    long first = client.ask(channel, 0, ByteBuffer.allocate(1));
    long second = client.ask(channel, 0, ByteBuffer.allocate(1));
    carry(client, server);
    assertThat(server.reply(channel, first, 0, ByteBuffer.allocate(2))).isTrue();
    server.openMessages("jobs");
    assertThat(server.fail(channel, second, 256, "no")).isTrue();
    carry(server, client);
    assertThat(atClient.lines).containsExactly("REPLY 1 of 2", "opened 2 jobs", "FAILED 2 of 5");
  }

  @Test
  void peekLeavesBytesAndConsumeGrantsThem() {
    int channel = client.streams().open("s", 4);
    client.streams().write(channel, ByteBuffer.wrap("abcd".getBytes(UTF_8)));
    client.streams().end(channel, LinkCode.DONE.number());
    carry(client, server);
    ByteBuffer two = ByteBuffer.allocate(2);
    assertThat(server.streams().peek(channel, 1, two)).isEqualTo(2);
    assertThat(two.array()).containsExactly('b', 'c');
    assertThat(server.streams().peek(channel, 4, two.clear())).isEqualTo(-1);
    assertThat(server.streams().consumed(channel)).isZero();
    server.streams().consume(channel, 3);
    assertThat(server.streams().consumed(channel)).isEqualTo(3);
    assertThatThrownBy(() -> server.streams().consume(channel, 2))
        .hasMessage("2 bytes consumed of channel 1; 1 have come");
    server.streams().consume(channel, 1);
    carry(server, client);
    assertThat(atClient.lines).containsExactly("delivered 1");
  }

  @Test
  void sourceThatFailsEndsItsStreamAtWhatWasSent() {
    TestSource source = new TestSource(1_000);
    int channel = client.streams().open("file", 2_000, source);
    assertThat(client.streams().write(channel, ByteBuffer.allocate(1))).isEqualTo(-1);
    carry(client, server);
    assertThat(atServer.lines).containsExactly("opened 1", "ended 1 ERROR");
    assertThat(source.closed).isEqualTo(1);
    assertThat(server.streams().read(channel, ByteBuffer.allocate(2_000))).isEqualTo(1_000);
    carry(server, client);
    assertThat(atClient.lines).containsExactly("delivered 1");
    assertThat(client.buffered()).as("nothing of a source is kept").isLessThan(100);
  }

  @Test
  void sourceIsReadAgainForAResumeAndInAnotherProcess() {
    client.streams().open("file", 800, new TestSource(800));
    client.write(ByteBuffer.allocate(500)); // Lost.
    byte[] saved = client.save();
    client = LinkCore.restore(saved, bytes -> new TestSource(800));
    Handshakes.resume(client, server, random);
    carry(client, server);
    assertThat(atServer.lines).containsExactly("opened 1", "ended 1 DONE");
    assertThat(server.streams().peek(1, 0, ByteBuffer.allocate(900))).isEqualTo(800);

    open(SMALL, SMALL);
    client.streams().open("file", 800, new TestSource(800));
    client.write(ByteBuffer.allocate(500)); // Lost.
    client = LinkCore.restore(client.save());
    Handshakes.resume(client, server, random);
    carry(client, server);
    assertThat(atServer.lines)
        .as("without its source")
        .containsExactly("opened 1", "ended 1 ERROR");
    assertThat(server.streams().peek(1, 0, ByteBuffer.allocate(900))).isEqualTo(-1);
  }

  @Test
  void closingCutsSourcesAndAnAbortClosesThem() {
    TestSource cut = new TestSource(100_000);
    client.streams().open("file", 100_000, cut);
    carry(client, server);
    client.close(LinkCode.BYE, "");
    carry(client, server);
    assertThat(atServer.lines).endsWith("ended 1 BYE", "closed BYE: ");
    assertThat(cut.closed).isEqualTo(1);
    TestSource aborted = new TestSource(1);
    server.streams().open("file", 1, aborted);
    server.abort(LinkCode.ERROR, "");
    assertThat(aborted.closed).isEqualTo(1);
    assertThat(server.streams().open("file", 1, aborted)).isEqualTo(-1);
    assertThat(aborted.closed).as("one that is not taken").isEqualTo(2);
  }

  /** As many bytes as it says. */
  private static final class TestSource implements StreamSource {
    private final int length;
    private int closed;

    TestSource(int length) {
      this.length = length;
    }

    @Override
    public int read(long position, ByteBuffer to) throws IOException {
      if (position == length) {
        throw new IOException("no more");
      }
      int n = (int) Math.min(to.remaining(), length - position);
      to.put(new byte[n]);
      return n;
    }

    @Override
    public byte[] saved() {
      return new byte[] {1};
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private void carry(LinkCore from, LinkCore to) {
    ByteBuffer bytes = ByteBuffer.allocate(70_000);
    from.write(bytes);
    to.read(bytes.flip(), to == client ? atClient : atServer);
  }
}
