package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkCoreTest {
  private static final Limits SMALL = new Limits(1_024, 2_048, 4_096, 6_000);

  private final Random random = new Random(1);
  private final RecordingEvents atClient = new RecordingEvents();
  private final RecordingEvents atServer = new RecordingEvents();
  private LinkCore client = open(SMALL).client();
  private LinkCore server = client;

  @BeforeEach
  void openSession() {
    Handshakes.Pair pair = open(SMALL);
    client = pair.client();
    server = pair.server();
    client.define(0, ByteBuffer.allocate(3));
  }

  private Handshakes.Pair open(Limits limits) {
    return Handshakes.open(limits, limits, random);
  }

  @Test
  void messagesAreTheSameWhereverTheirBytesAreSplit() {
    client.send(0, ByteBuffer.allocate(0));
    client.send(0, ByteBuffer.allocate(300));
    client.send(0, ByteBuffer.allocate(1));
    ByteBuffer bytes = write(client);
    while (bytes.hasRemaining()) {
      server.read(bytes.slice(bytes.position(), 1), atServer);
      bytes.position(bytes.position() + 1);
    }
    assertThat(atServer.lines)
        .containsExactly("defined 0", "message of 0", "message of 300", "message of 1");
  }

  @Test
  void manyMessagesAreOneFrame() {
    for (int i = 0; i < 50; i++) {
      client.send(0, ByteBuffer.allocate(10));
    }
    write(client); // DEFINE and the first DATA.
    for (int i = 0; i < 5; i++) {
      client.send(0, ByteBuffer.allocate(10));
    }
    assertThat(write(client).remaining()).isEqualTo(Frame.HEAD_BYTES + 1 + 5 * 13);
  }

  @Test
  void messagesAreHeldBackUntilTheyAreWanted() {
    atServer.takes = false;
    client.send(0, ByteBuffer.allocate(1));
    client.send(0, ByteBuffer.allocate(2));
    client.close(LinkCode.BYE, "");
    carry(client, server);
    assertThat(atServer.lines).containsExactly("defined 0", "message of 1");
    assertThat(server.holdsBack()).isTrue();
    assertThat(server.isOver()).isTrue();
    server = LinkCore.restore(server.save());
    assertThat(server.holdsBack()).isTrue();
    server.deliver(atServer);
    atServer.takes = true;
    server.deliver(atServer);
    assertThat(atServer.lines)
        .containsExactly("defined 0", "message of 1", "message of 2", "closed BYE: ");
    assertThat(server.holdsBack()).isFalse();
  }

  @Test
  void everyOpenChannelIsDescribedAtBothSidesUntilItIsOver() {
    assertThat(client.channels()).isEmpty();
    int stream = client.streams().open("file", -1);
    int messages = client.openMessages("news");
    assertThat(client.streams().write(stream, ByteBuffer.allocate(100))).isEqualTo(100);
    assertThat(client.channels())
        .containsExactly(
            new ChannelFacts(stream, false, false, "", 0),
            new ChannelFacts(messages, false, true, "news", 0));
    carry(client, server);
    assertThat(client.channels().getFirst())
        .isEqualTo(new ChannelFacts(stream, false, false, "", 100));
    server.streams().consume(stream, 40);
    assertThat(server.channels())
        .containsExactly(
            new ChannelFacts(stream, true, false, "", 40),
            new ChannelFacts(messages, true, true, "news", 7));
    assertThat(client.openChannels()).isEqualTo(2);
    assertThat(server.openChannels()).isEqualTo(2);
    server.streams().consume(stream, 60);
    client.streams().end(stream, LinkCode.DONE.number());
    client.streams().end(messages, LinkCode.DONE.number());
    carry(client, server);
    server.grantAll();
    carry(server, client);
    assertThat(client.channels()).isEmpty();
    assertThat(server.channels()).isEmpty();
    assertThat(client.openChannels() + server.openChannels()).isZero();
  }

  @Test
  void quarterOfTheWindowIsGrantedAtOnceAndTheRestWhenAsked() {
    client.send(0, ByteBuffer.allocate(200));
    carry(client, server);
    server.consumed(204);
    assertThat(server.hasUngranted()).isTrue();
    assertThat(write(server).remaining()).isZero();
    client.send(0, ByteBuffer.allocate(100));
    carry(client, server);
    server.consumed(103);
    carry(server, client);
    assertThat(client.queued()).isZero();
    assertThat(server.hasUngranted()).as("the credit").isTrue();
    server.grantAll();
    assertThat(write(server).remaining()).isPositive();
    assertThat(server.hasUngranted()).isFalse();
  }

  @Test
  void messageLongerThanTheWindowComesWholeWithoutTheUsersHelp() {
    client.send(0, ByteBuffer.allocate(2_000));
    assertThat(client.writable()).isFalse();
    for (int i = 0; i < 4; i++) {
      carry(client, server);
      carry(server, client);
    }
    assertThat(atServer.lines).containsExactly("defined 0", "message of 2000");
    assertThat(client.queued()).isLessThan(1_024);
  }

  @Test
  void messageBeyondWhatThePeerTakesIsRefusedToItsSender() {
    assertThatThrownBy(() -> client.send(0, ByteBuffer.allocate(2_045)))
        .isInstanceOf(MessageTooLongException.class)
        .hasMessageContaining("stream");
    assertThat(client.send(0, ByteBuffer.allocate(client.maxPayload()))).isTrue();
    assertThatThrownBy(() -> client.send(9, ByteBuffer.allocate(1)))
        .hasMessage("the type set 9 is not defined");
  }

  @Test
  void queueIsBounded() {
    int queued = 0;
    while (client.send(0, ByteBuffer.allocate(1_000))) {
      queued++;
    }
    assertThat(queued).isEqualTo(5);
    assertThat(client.queued()).isEqualTo(5 * 1_004);
  }

  @Test
  void consumedIsCheckedAgainstWhatWasGiven() {
    assertThatThrownBy(() -> server.consumed(1)).hasMessage("1 bytes consumed; 0 were given");
  }

  @Test
  void everythingSentBeforeCloseArrivesAndThePeerAnswers() {
    for (int i = 0; i < 5; i++) {
      client.send(0, ByteBuffer.allocate(900));
    }
    client.close(LinkCode.BYE, "done");
    assertThat(client.send(0, ByteBuffer.allocate(1))).isFalse();
    for (int i = 0; i < 10; i++) {
      carry(client, server);
      while (!atServer.sizes.isEmpty()) {
        server.consumed(atServer.sizes.removeFirst());
      }
      server.grantAll();
      carry(server, client);
    }
    assertThat(atServer.lines).hasSize(7).endsWith("closed BYE: done");
    assertThat(atClient.lines).containsExactly("closed BYE: ");
    assertThat(client.isOver() && server.isOver()).isTrue();
  }

  @Test
  void abortDropsWhatIsNotSentAndSaysWhy() {
    client.send(0, ByteBuffer.allocate(100));
    client.abort(LinkCode.TOO_SLOW, "too slow");
    carry(client, server);
    assertThat(atServer.lines).containsExactly("defined 0", "closed TOO_SLOW: too slow");
    client.deliver(atClient);
    assertThat(atClient.lines).as("told to its own user").isEmpty();
  }

  @Test
  void supersededConnectionEndsWithGoodbyeBehindWholeFrames() {
    client.define(1, ByteBuffer.allocate(500));
    ByteBuffer old = ByteBuffer.allocate(1_000);
    client.write(old.limit(100));
    old.limit(1_000);
    old.put(client.superseded());
    assertThat(client.attached()).isFalse();
    server.read(old.flip(), atServer);
    assertThat(atServer.lines.getLast()).startsWith("closed SUPERSEDED");
    assertThat(client.isOver()).isFalse();
  }

  @Test
  void detachedCoreWritesNothingAndDefinesAgainAfterTheResume() {
    client.send(0, ByteBuffer.allocate(5));
    write(client);
    client.lost();
    assertThat(client.wanted()).isZero();
    assertThat(write(client).remaining()).isZero();
    assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1), atClient))
        .hasMessageContaining("no connection");
    assertThat(Handshakes.resume(client, server, random)).isEqualTo(ClientHandshake.State.WELCOMED);
    carry(client, server);
    assertThat(atServer.lines).containsExactly("defined 0", "message of 5");
  }

  @Test
  void definitionIsToldOnceAndKeptOverMoves() {
    carry(client, server);
    Handshakes.resume(client, server, random);
    client.define(0, ByteBuffer.allocate(3));
    carry(client, server);
    assertThat(atServer.lines).containsExactly("defined 0");
    server = LinkCore.restore(server.save());
    StringBuilder known = new StringBuilder();
    server.forEachPeerDefinition((id, schema) -> known.append(id).append(schema.remaining()));
    assertThat(known).hasToString("03");
    assertThatThrownBy(() -> client.define(0, ByteBuffer.allocate(4)))
        .hasMessageContaining("two schemas");
    assertThatThrownBy(() -> client.define(256, ByteBuffer.allocate(4)))
        .hasMessageContaining("0 to 255");
    assertThatThrownBy(() -> client.define(1, ByteBuffer.allocate(65_534)))
        .hasMessageContaining("65536");
  }

  @Test
  void stopIsSaidAgainAfterAResumeAndToldOnce() {
    int channel = server.streams().open("s", -1);
    carry(server, client);
    client.streams().stop(channel, LinkCode.BYE.number());
    write(client); // Lost.
    Handshakes.resume(client, server, random);
    carry(client, server);
    client.lost();
    Handshakes.resume(client, server, random);
    carry(client, server);
    assertThat(atServer.lines).containsExactly("defined 0", "stopped 2 BYE");
    assertThat(server.streams().write(channel, ByteBuffer.allocate(1))).isEqualTo(-1);
    carry(server, client);
    carry(client, server);
    assertThat(atClient.lines).containsExactly("opened 2", "ended 2 BYE");
    assertThat(client.streams().read(channel, ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @Test
  void applicationsCodesEndAndStopStreamsOfSessionsThatAreRestored() {
    int ended = client.streams().open("ended", -1);
    int stopped = server.streams().open("stopped", -1);
    carry(client, server);
    carry(server, client);
    assertThatThrownBy(() -> client.streams().end(ended, -1)).hasMessageContaining("0 to 65535");
    assertThatThrownBy(() -> client.streams().stop(stopped, 65_536))
        .hasMessageContaining("0 to 65535");
    client.streams().end(ended, 256);
    client.streams().stop(stopped, 65_534);
    client = LinkCore.restore(client.save());
    Handshakes.resume(client, server, random);
    carry(client, server);
    assertThat(atServer.lines)
        .containsExactly("defined 0", "opened 1", "stopped 2 65534", "ended 1 256");
    server = LinkCore.restore(server.save());
    Handshakes.resume(client, server, random);
    carry(server, client);
    assertThat(atClient.lines).containsExactly("opened 2", "ended 2 65534", "delivered 1");
    carry(client, server);
    assertThat(client.openChannels() + server.openChannels()).isZero();
  }

  @Test
  void stoppedStreamDropsWhatIsNotSent() {
    int channel = server.streams().open("s", -1);
    carry(server, client);
    server.streams().write(channel, ByteBuffer.allocate(800));
    client.streams().stop(channel, LinkCode.BYE.number());
    carry(client, server);
    assertThat(server.queued()).as("the head").isEqualTo(4);
  }

  @Test
  void noMoreThan64StreamsAreOpen() {
    for (int i = 0; i < 64; i++) {
      assertThat(client.streams().open("", 0)).isEqualTo(1 + 2 * i);
    }
    assertThat(client.streams().open("", 0)).isEqualTo(-1);
    client.streams().end(1, LinkCode.DONE.number());
    carry(client, server);
    carry(server, client);
    assertThat(client.streams().open("", 0)).isEqualTo(129);
  }

  @Test
  void streamBytesDoNotOvertakeAMessageThatWaitsForCredit() {
    int channel = client.streams().open("s", -1);
    int other = client.streams().open("t", -1);
    for (int i = 0; i < 3; i++) {
      client.streams().write(channel, ByteBuffer.allocate(1_000));
      client.streams().write(other, ByteBuffer.allocate(1_000));
    }
    carry(client, server);
    client.send(0, ByteBuffer.allocate(1_000));
    client.send(0, ByteBuffer.allocate(2_000)); // 4,096 - 2,048 - 1,004 are left for it.
    carry(client, server);
    assertThat(atServer.lines).endsWith("message of 1000");
    server.streams().read(channel, ByteBuffer.allocate(300));
    carry(server, client);
    assertThat(client.streams().write(channel, ByteBuffer.allocate(1_000))).isEqualTo(304);
    assertThat(write(client).remaining()).as("nothing while the message waits").isZero();
    server.consumed(atServer.sizes.removeFirst());
    server.streams().read(channel, ByteBuffer.allocate(900));
    server.streams().read(other, ByteBuffer.allocate(900));
    server.grantAll();
    for (int i = 0; i < 4; i++) {
      carry(server, client);
      carry(client, server);
    }
    assertThat(atServer.lines.getLast()).isEqualTo("message of 2000");
  }

  @Test
  void pingsCostNoMemory() {
    for (int i = 0; i < 1_000; i++) {
      client.ping(i);
      client.pong(i, i, i);
    }
    assertThat(write(client).remaining()).isEqualTo(8 + Frame.HEAD_BYTES * 3 - 4 + 32);
  }

  /** Opens a session whose client has all the room there can be, and sends it messages. */
  private LinkCore sendsToOneWithMuchRoom(int... lengths) {
    int most = Limits.MAX_CREDIT;
    Limits much = new Limits(most, most, most, Integer.MAX_VALUE);
    Limits own = new Limits(1_024, 1_024, 1_024, Integer.MAX_VALUE);
    Handshakes.Pair pair = Handshakes.open(much, own, random);
    client = pair.client();
    server = pair.server();
    server.define(0, ByteBuffer.allocate(3));
    for (int length : lengths) {
      assertThat(server.send(0, ByteBuffer.allocate(length))).isTrue();
    }
    carryAll();
    return server;
  }

  private void carryAll() {
    for (ByteBuffer bytes = write(server); bytes.hasRemaining(); bytes = write(server)) {
      client.read(bytes, atClient);
    }
  }

  @Test
  void only16MebibytesOfALargeWindowAreUsed() {
    int length = (2 << 20) - 10; // 2 MiB with its head
    sendsToOneWithMuchRoom(length, length, length, length, length, length, length, length, length);
    assertThat(server.queued() - server.unsent()).isEqualTo(Outbound.MAX_WINDOW);
    assertThat(atClient.sizes).hasSize(8);
    client.consumed(atClient.sizes.getFirst());
    client.grantAll();
    carry(client, server);
    carryAll();
    assertThat(atClient.sizes).hasSize(9);
  }

  @Test
  void aLongerMessageGoesOutWholeAndTheNextOnesWaitUntilItIsGranted() {
    sendsToOneWithMuchRoom(1, Outbound.MAX_WINDOW + 1, 1, 1);
    assertThat(atClient.sizes).as("the second would exceed it").hasSize(1);
    client.consumed(atClient.sizes.getFirst());
    client.grantAll();
    carry(client, server);
    carryAll();
    assertThat(atClient.sizes).hasSize(2);
    client.consumed(atClient.sizes.getLast());
    client.grantAll();
    carry(client, server);
    carryAll();
    assertThat(atClient.sizes).hasSize(4);
  }

  private ByteBuffer write(LinkCore from) {
    ByteBuffer bytes = ByteBuffer.allocate(70_000);
    from.write(bytes);
    return bytes.flip();
  }

  private void carry(LinkCore from, LinkCore to) {
    to.read(write(from), to == client ? atClient : atServer);
  }
}
