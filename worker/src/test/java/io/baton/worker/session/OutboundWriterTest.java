package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.worker.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class OutboundWriterTest extends ChannelOutboundHandlerAdapter {
  private static final int HIGH_WATER = 1_000;

  private final List<String> done = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel(this);
  private final OutboundWriter writer = new OutboundWriter(channel, () -> done.add("told"));

  OutboundWriterTest() {
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(HIGH_WATER, HIGH_WATER));
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    done.add("flush");
    ctx.flush();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void write(int bytes) {
    ByteBuf message = Unpooled.buffer(bytes).writeZero(bytes);
    assertThat(writer.write(message)).isTrue();
  }

  @Test
  void aMessageOutsideOfReadAndBatchIsFlushedAtOnceAndTheListenerToldBehind() {
    write(1);
    assertThat(done).containsExactly("flush", "told");
    write(1);
    assertThat(done).containsExactly("flush", "told", "flush", "told");
  }

  @Test
  void messagesWrittenWhileAReadIsHandedOutAreFlushedOnceAtItsEnd() {
    writer.reading();
    assertThat(writer.isReading()).isTrue();
    write(1);
    write(1);
    assertThat(done).isEmpty();
    writer.readComplete();
    assertThat(writer.isReading()).isFalse();
    assertThat(done).containsExactly("flush", "told");
  }

  @Test
  void messagesOfNestedBatchesAreFlushedOnceAtTheEndOfTheOutermost() {
    writer.beginBatch();
    write(1);
    writer.beginBatch();
    write(1);
    writer.endBatch();
    assertThat(done).isEmpty();
    writer.endBatch();
    assertThat(done).containsExactly("flush", "told");
  }

  @Test
  void whatTheCodecKeepsBackIsPendingAndMakesItUnwritable() {
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(HIGH_WATER / 2, HIGH_WATER));
    writer.keepsBack(HIGH_WATER);
    assertThat(writer.isWritable()).isTrue();
    writer.keepsBack(HIGH_WATER + 1);
    assertThat(writer.isWritable()).isFalse();
    assertThat(writer.pending()).isEqualTo(HIGH_WATER + 1);
    writer.keepsBack(HIGH_WATER);
    assertThat(writer.isWritable()).isFalse();
    writer.keepsBack(HIGH_WATER / 2);
    assertThat(writer.isWritable()).isTrue();
    assertThat(writer.pending()).isEqualTo(HIGH_WATER / 2);
  }

  @Test
  void theLaterOfReadAndBatchFlushes() {
    writer.reading();
    writer.beginBatch();
    write(1);
    writer.readComplete();
    assertThat(done).isEmpty();
    writer.endBatch();
    assertThat(done).containsExactly("flush", "told");

    writer.beginBatch();
    writer.reading();
    write(1);
    writer.endBatch();
    assertThat(done).hasSize(2);
    writer.readComplete();
    assertThat(done).hasSize(4);
  }

  @Test
  void aFlushWithinABatchTakesEffectAtOnce() {
    writer.beginBatch();
    write(1);
    writer.flush();
    assertThat(done).containsExactly("flush", "told");
    writer.endBatch();
    assertThat(done).as("nothing more to flush").containsExactly("flush", "told");
  }

  @Test
  void nothingWrittenIsNothingToFlush() {
    writer.reading();
    writer.readComplete();
    writer.beginBatch();
    writer.endBatch();
    writer.flush();
    assertThat(done).isEmpty();
  }

  @Test
  void writtenBytesArePendingUntilTheyAreFlushed() {
    writer.beginBatch();
    assertThat(writer.pending()).isZero();
    write(HIGH_WATER + 1);
    assertThat(writer.pending()).isGreaterThan(HIGH_WATER);
    assertThat(writer.isWritable()).isFalse();
    writer.endBatch();
    assertThat(writer.pending()).isZero();
    assertThat(writer.isWritable()).isTrue();
  }

  @Test
  void aClosedChannelReleasesWhatIsWrittenAndHasNothingPending() {
    channel.close().syncUninterruptibly();
    ByteBuf message = Unpooled.buffer(1).writeZero(1);
    assertThat(writer.write(message)).isTrue();
    assertThat(message.refCnt()).isZero();
    assertThat(writer.pending()).isZero();
  }
}
