package io.baton.worker.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.worker.NoLeaks;
import io.baton.worker.tls.record.Alert;
import io.baton.worker.tls.record.Records;
import io.baton.worker.tls.record.Suite;
import io.baton.worker.tls.record.TlsException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A server's handler and a client's, whose wire is in the test's hands. */
@ExtendWith(NoLeaks.class)
class RecordsHandlerTest {
  private static final Suite SUITE = Suite.AES_128_GCM_SHA256;

  /** What came to one side, and how it ended. */
  private static final class Side {
    final List<String> told = new ArrayList<>();
    final StringBuilder received = new StringBuilder();
    RecordsHandler handler;
    EmbeddedChannel channel;

    Side(RecordsHandler handler) {
      this.handler = handler;
      channel = new EmbeddedChannel(handler, new Application());
    }

    final class Application extends ChannelInboundHandlerAdapter {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object msg) {
        received.append(((ByteBuf) msg).toString(StandardCharsets.US_ASCII));
        ((ByteBuf) msg).release();
      }

      @Override
      public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
        told.add(evt instanceof ChannelInputShutdownEvent ? "end" : "other");
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        told.add(cause instanceof TlsException e ? e.alert().name() : cause.toString());
      }
    }

    void send(String text) {
      channel.writeOutbound(text(text));
    }

    /** What it has sent, in one piece. */
    ByteBuf wire() {
      ByteBuf all = Unpooled.buffer();
      for (ByteBuf each; (each = channel.readOutbound()) != null; ) {
        all.writeBytes(each);
        each.release();
      }
      return all;
    }
  }

  private long held;
  private final Side server = side(1, 2);
  private final Side client = side(2, 1);

  private Side side(int read, int write) {
    return new Side(
        new RecordsHandler(
            records(read, write), List.of(), Unpooled.EMPTY_BUFFER, more -> held += more));
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private static Records records(int read, int write) {
    return Records.of(SUITE, secret(read), 0, secret(write), 0);
  }

  private static byte[] secret(int fill) {
    byte[] secret = new byte[32];
    java.util.Arrays.fill(secret, (byte) fill);
    return secret;
  }

  @AfterEach
  void close() {
    server.channel.finishAndReleaseAll();
    client.channel.finishAndReleaseAll();
    assertThat(held).isZero();
  }

  private static void deliver(Side from, Side to) {
    to.channel.writeInbound(from.wire());
  }

  @Test
  void eachHearsWhatTheOtherSays() {
    client.send("hello");
    deliver(client, server);
    server.send("to you");
    server.send(", too");
    deliver(server, client);
    assertThat(server.received).hasToString("hello");
    assertThat(client.received).hasToString("to you, too");
  }

  @Test
  void anUpdateOfItsKeyGoesBeforeWhatIsSentNext() throws Exception {
    ByteBuf update = Unpooled.buffer();
    Records other = records(2, 1);
    other.writer().updateKey(true, update);
    other.writer().updateKey(true, update);
    server.channel.writeInbound(update);
    server.send("now");
    client.channel.writeInbound(server.wire());
    assertThat(client.received).hasToString("now");
  }

  @Test
  void anUpdateOfItsKeyGoesBeforeItMoves() throws Exception {
    ByteBuf update = Unpooled.buffer();
    records(2, 1).writer().updateKey(true, update);
    server.channel.writeInbound(update);
    ByteBuffer state = server.handler.give().orElseThrow();
    ByteBuf updated = server.wire();
    assertThat(updated.isReadable()).isTrue();
    client.channel.writeInbound(updated);
    Side there = new Side(RecordsHandler.resume(state, more -> held += more));
    there.send("now");
    deliver(there, client);
    assertThat(client.received).hasToString("now");
    there.channel.finishAndReleaseAll();
  }

  @Test
  void nothingGoesThroughItWhileItIsGiven() {
    assertThat(server.handler.give()).isPresent();
    assertThatThrownBy(() -> server.send("twice the same nonce"))
        .isInstanceOf(IllegalStateException.class);
    server.handler.takeBack();
    server.send("now");
    deliver(server, client);
    assertThat(client.received).hasToString("now");
  }

  @Test
  void thePeersEndGoesAlong() {
    client.handler.closeNotify();
    deliver(client, server);
    Side there =
        new Side(RecordsHandler.resume(server.handler.give().orElseThrow(), more -> held += more));
    assertThat(there.told).containsExactly("end");
    there.send("last answer");
    deliver(there, client);
    assertThat(client.received).hasToString("last answer");
    there.channel.finishAndReleaseAll();
  }

  @Test
  void whatIsNoStateIsRefused() {
    ByteBuffer state = server.handler.give().orElseThrow();
    for (int length = 0; length < state.remaining(); length++) {
      ByteBuffer cut = state.slice(0, length);
      assertThatThrownBy(() -> RecordsHandler.resume(cut, _ -> {}))
          .isInstanceOf(IllegalArgumentException.class);
    }
    server.handler.takeBack();
  }

  @Test
  void closeNotifyIsTheEndOfInputAndAFinBehindItNoNews() {
    client.handler.closeNotify();
    deliver(client, server);
    server.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertThat(server.told).containsExactly("end");
    server.send("last answer");
    server.handler.closeNotify();
    server.handler.closeNotify();
    deliver(server, client);
    assertThat(client.received).hasToString("last answer");
    assertThat(client.told).containsExactly("end");
  }

  @Test
  void whatIsForgedBreaksTheConnectionAndThePeerIsTold() {
    client.send("hello");
    ByteBuf wire = client.wire();
    wire.setByte(wire.writerIndex() - 1, wire.getByte(wire.writerIndex() - 1) ^ 1);
    server.channel.writeInbound(wire);
    assertThat(server.told).containsExactly(Alert.BAD_RECORD_MAC.name());
    assertThat(server.received).isEmpty();
    deliver(server, client);
    assertThat(client.told).containsExactly(Alert.CLOSE_NOTIFY.name());
    assertThatThrownBy(() -> client.send("more")).isInstanceOf(IllegalStateException.class);
    server.channel.writeInbound(text("more"));
    assertThat(server.received).isEmpty();
  }

  /** At every byte of a conversation. */
  @Test
  void itGoesOnElsewhereWithPartOfARecord() {
    int length = 3 * (22 + 5);
    for (int cut = 0; cut <= length; cut++) {
      Side from = side(2, 1);
      Side here = side(1, 2);
      for (String each : List.of("one..", "two..", "three")) {
        from.send(each);
      }
      ByteBuf wire = from.wire();
      assertThat(wire.readableBytes()).isEqualTo(length);
      here.channel.writeInbound(wire.readRetainedSlice(cut));
      Side there =
          new Side(RecordsHandler.resume(here.handler.give().orElseThrow(), more -> held += more));
      there.channel.writeInbound(wire);
      assertThat(here.received.toString() + there.received).isEqualTo("one..two..three");
      there.send("answer");
      deliver(there, from);
      assertThat(from.received).hasToString("answer");
      for (Side each : List.of(from, here, there)) {
        each.channel.finishAndReleaseAll();
      }
    }
  }

  /** One to whose peer a ticket is owed, which is a record that is sealed already. */
  private Side owing(ByteBuf ticket) {
    records(1, 2).writer().write(text("a ticket, "), ticket);
    return new Side(
        new RecordsHandler(
            Records.of(SUITE, secret(1), 0, secret(2), 1),
            List.of(),
            ticket,
            more -> held += more));
  }

  @Test
  void aTicketGoesWithWhatIsSentFirst() {
    Side owes = owing(Unpooled.buffer());
    assertThat(held).isPositive();
    assertThat(owes.wire().isReadable()).isFalse();
    owes.send("hello");
    assertThat(held).isZero();
    owes.send(" again");
    deliver(owes, client);
    assertThat(client.received).hasToString("a ticket, hello again");
  }

  @Test
  void aTicketGoesBeforeItMoves() {
    Side owes = owing(Unpooled.buffer());
    ByteBuffer state = owes.handler.give().orElseThrow();
    deliver(owes, client);
    assertThat(client.received).hasToString("a ticket, ");
    Side next = new Side(RecordsHandler.resume(state, more -> held += more));
    next.send("hello");
    deliver(next, client);
    assertThat(client.received).hasToString("a ticket, hello");
    next.channel.finishAndReleaseAll();
  }

  @Test
  void aTicketGoesBeforeTheGoodbyeOrNotAtAll() {
    Side owes = owing(Unpooled.buffer());
    owes.handler.closeNotify();
    deliver(owes, client);
    assertThat(client.received).hasToString("a ticket, ");
    ByteBuf ticket = Unpooled.buffer();
    owing(ticket).channel.finishAndReleaseAll();
    assertThat(ticket.refCnt()).isZero();
  }
}
