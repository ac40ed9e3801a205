package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.service.CloseReason;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.load.ChannelMeter;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.memory.ByteBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
final class CarrierTest implements PipelineTail.Events, Window {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final List<String> told = new ArrayList<>();
  private final WorkerCounters counters = new WorkerCounters();
  private final EmbeddedChannel channel = new EmbeddedChannel(PipelineHead.INSTANCE);
  private final Carrier carrier = new Carrier(channel, () -> told.add("flushed"));
  private boolean windowOpen = true;

  @AfterEach
  void close() {
    if (channel.pipeline().get(TakesNothing.class) != null) {
      channel.pipeline().remove(TakesNothing.class);
    }
    channel.flush();
    channel.finishAndReleaseAll();
  }

  /** As a kernel that has no room. */
  private static final class TakesNothing extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext ctx) {
      ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
      if (buffer != null) {
        buffer.addFlush();
      }
    }
  }

  // ---- the session ----

  @Override
  public void active() {
    told.add("active");
  }

  @Override
  public void received(Object message) {
    told.add("received " + message);
  }

  @Override
  public void readComplete() {
    told.add("complete");
  }

  @Override
  public void writabilityChanged() {}

  @Override
  public void inputEnded() {}

  @Override
  public void failed(Throwable cause) {
    told.add("failed " + cause.getMessage());
  }

  @Override
  public void closed() {
    told.add("closed");
  }

  // ---- its window ----

  @Override
  public boolean quiet() {
    return true;
  }

  @Override
  public boolean open() {
    return windowOpen;
  }

  @Override
  public void shut() {}

  @Override
  public void reopen() {}

  @Override
  public void protocolSwitched(Protocol<?, ?> next, ByteBuf unread) {
    unread.release();
  }

  @Override
  public boolean admits(long bytes) {
    return true;
  }

  @Override
  public void holds(int bytes) {}

  @Override
  public void end(CloseReason why) {}

  private Flow install(@Nullable Saved saved) {
    return carrier.install(
        new LineCodec(100), CodecContext.of(carrier.pipeline(), this, saved), this);
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private static ByteBuffer buffer(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
  }

  private String out() {
    return SessionHarness.out(channel);
  }

  // ---- the pipeline ----

  @Test
  void messagesOfAnInstalledCodecReachTheSession() {
    Flow flow = install(null);
    channel.writeInbound(bytes("a\nb\nrest"));
    assertThat(told).containsExactly("received a", "received b", "complete");
    assertThat(flow.save().orElseThrow().unread()).isEqualTo(buffer("rest"));
  }

  @Test
  void aStrippedCarrierBringsNothingToTheSessionAndEncodesNothing() {
    install(null);
    carrier.strip();
    channel.writeInbound(bytes("a\n"));
    channel.<ByteBuf>readInbound().release();
    assertThat(told).isEmpty();
    assertThat(channel.pipeline().last()).isSameAs(PipelineHead.INSTANCE);
  }

  @Test
  void anotherCodecCanBeInstalledAfterAStrip() {
    install(null);
    carrier.strip();
    install(null);
    channel.writeInbound(bytes("a\n"));
    assertThat(told).containsExactly("received a", "complete");
  }

  @Test
  void withoutItsTailMessagesReachNobody() {
    install(null);
    carrier.removeTail();
    channel.writeInbound(bytes("a\n"));
    assertThat(told).isEmpty();
    assertThat(channel.<String>readInbound()).isEqualTo("a");
  }

  @Test
  void rereadBytesGoThroughTheCodecAsIfTheyCameFromTheClient() {
    install(null);
    carrier.reread(bytes("a\nb"));
    channel.writeInbound(bytes("c\n"));
    assertThat(told).containsExactly("received a", "complete", "received bc", "complete");
  }

  // ---- what it goes on with ----

  @Test
  void unreadBytesOfElsewhereAreReadOnce() {
    carrier.goesOnWith(buffer("half"), NOTHING);
    install(Saved.unread("line", 1, buffer("half")));
    carrier.rereadUnread();
    carrier.rereadUnread();
    channel.writeInbound(bytes(" whole\n"));
    assertThat(told).containsExactly("complete", "received half whole", "complete");
  }

  @Test
  void withoutUnreadBytesNothingIsRead() {
    install(null);
    carrier.rereadUnread();
    carrier.goesOnWith(NOTHING, NOTHING);
    carrier.rereadUnread();
    assertThat(told).isEmpty();
  }

  @Test
  void unsentBytesOfElsewhereAreSentOnceAsTheyAreAndNotCountedTwice() {
    counters.bytesOut(100);
    carrier.goesOnWith(NOTHING, buffer("encoded"));
    install(null);
    carrier.resendUnsent(new ChannelMeter(counters, new ByteBudget(SessionHarness.BUDGET)));
    carrier.resendUnsent(new ChannelMeter(counters, new ByteBudget(SessionHarness.BUDGET)));
    assertThat(out()).isEqualTo("encoded");
    assertThat(counters.counters().bytesOut())
        .as("the channel counts them as they go out, which an embedded one does not")
        .isEqualTo(100 - "encoded".length());
  }

  // ---- reading ----

  @Test
  void theClientIsReadOrNot() {
    carrier.read(false);
    assertThat(channel.config().isAutoRead()).isFalse();
    carrier.read(false);
    carrier.read(true);
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  // ---- output ----

  @Test
  void whatTheKernelDoesNotTakeIsUnsentInOrderAndStays() {
    channel.pipeline().addFirst(new TakesNothing());
    carrier.writer().write(bytes("a"));
    carrier.writer().write(bytes("b"));
    assertThat(text(carrier.unsent().orElseThrow())).isEqualTo("ab");
    assertThat(text(carrier.unsent().orElseThrow())).isEqualTo("ab");
    assertThat(carrier.unsentBuffer()).isNotNull();
  }

  @Test
  void whatWasOnlyWrittenIsFlushedBeforeItIsUnsent() {
    channel.pipeline().addFirst(new TakesNothing());
    carrier.writer().beginBatch();
    carrier.writer().write(bytes("a"));
    assertThat(text(carrier.unsent().orElseThrow())).isEqualTo("a");
  }

  @Test
  void nothingIsUnsentIfTheKernelTakesItAll() {
    carrier.writer().write(bytes("a"));
    assertThat(carrier.unsent().orElseThrow().hasRemaining()).isFalse();
    assertThat(carrier.unsentBuffer()).isNull();
    assertThat(out()).isEqualTo("a");
  }

  @Test
  void outputThatIsNoBytesCannotMove() {
    channel.pipeline().addFirst(new TakesNothing());
    carrier.writer().write(bytes("a"));
    var _ = channel.write(new DefaultFileRegion(new File("none"), 0, 1));
    assertThat(carrier.unsent()).isEmpty();
    channel.unsafe().outboundBuffer().remove();
    channel.unsafe().outboundBuffer().remove();
  }

  @Test
  void aClosedConnectionHasNoOutputToMove() {
    channel.close().syncUninterruptibly();
    assertThat(carrier.unsent()).isEmpty();
    assertThat(carrier.unsentBuffer()).isNull();
  }

  // ---- the end ----

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCloseInOrderSendsWhatWasWrittenFirst(boolean clientLeft) {
    install(null);
    carrier.writer().beginBatch();
    carrier.writer().write("last words");
    assertThat(out()).isEmpty();
    carrier.closeInOrder(clientLeft);
    channel.runPendingTasks();
    assertThat(out()).isEqualTo("last words\n");
    assertThat(channel.isOpen()).isFalse();
    assertThat(told).containsExactly("closed");
  }

  @Test
  void aCloseDoesNotWaitForWhatWasWritten() {
    install(null);
    channel.pipeline().addFirst(new TakesNothing());
    carrier.writer().write("last words");
    carrier.close();
    assertThat(channel.isOpen()).isFalse();
    assertThat(told).endsWith("closed");
    assertThat(out()).isEmpty();
  }

  @Test
  void aChannelThatWasNeverRegisteredIsClosedAndTellsNobody() {
    EmbeddedChannel fresh =
        SessionHarness.channel(_ -> {
          throw new AssertionError("it is not registered");
        });
    new Carrier(fresh, () -> {}).closeUnregistered();
    assertThat(fresh.isOpen()).isFalse();
  }
}
