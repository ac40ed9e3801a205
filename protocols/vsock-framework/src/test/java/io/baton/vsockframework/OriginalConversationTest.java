package io.baton.vsockframework;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.vsockframework.example.MeasuredTexts;
import io.baton.vsockframework.example.Talk;
import io.baton.vsockframework.example.Text;
import io.baton.vsockframework.example.Texts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OriginalConversationTest {

  /** Cuts off messages, as the decoder does, and the clock's too. */
  private static List<FrameworkMessage> messages(boolean ofClient) throws Exception {
    ByteBuf in = Unpooled.wrappedBuffer(TestFramework.original(ofClient));
    List<FrameworkMessage> all = new ArrayList<>();
    while (in.isReadable()) {
      int start = in.readerIndex();
      int type = FrameFormat.type(in, start);
      int length = FrameFormat.bodyLength(in, start);
      assertThat(TestFramework.FORMAT.isAllowed(type, length)).isTrue();
      byte[] body = new byte[length];
      in.getBytes(start + TestFramework.FORMAT.bodyOffset(length), body);
      all.add(new FrameworkMessage(type, body));
      in.skipBytes(TestFramework.FORMAT.frameLength(length));
    }
    return all;
  }

  @Test
  void allMessagesAreReadAndWrittenByteForByte() throws Exception {
    List<Record> read = new ArrayList<>();
    for (boolean ofClient : List.of(true, false)) {
      read.clear();
      for (FrameworkMessage each : messages(ofClient)) {
        if (each.type() != TestFramework.CLOCK) {
          Record record = TestFramework.TYPES.read(each);
          read.add(record);
          assertThat(TestFramework.TYPES.write(record, TestFramework.MAX_MESSAGE)).isEqualTo(each);
        }
      }
      assertThat(read).hasSize(12).contains(new Text("ssssss"));
      assertThat(read.get(0)).isInstanceOf(Talk.class);
      assertThat(read.get(3))
          .isEqualTo(new MeasuredTexts(new Texts(List.of(), -3), Optional.of(1.14514)));
      assertThat(read.get(10)).isEqualTo(new Texts(List.of(), 10));
    }
  }

  /** Behind a short body, and in front of a long one, the original sends what its memory held. */
  @Test
  void ourBytesAreTheOriginalsButForThoseThatMeanNothing() throws Exception {
    byte[] original = TestFramework.original(false);
    int at = 0;
    for (FrameworkMessage each : messages(false)) {
      int length = each.content().readableBytes();
      byte[] ours =
          ByteBufUtil.getBytes(TestFramework.FORMAT.frame(each.type(), each.content().duplicate()));
      int from = length <= 20 ? 8 + length : 8;
      byte[] its = new byte[ours.length];
      System.arraycopy(original, at, its, 0, its.length);
      for (int i = from; i < 28; i++) {
        its[i] = 0;
      }
      assertThat(HexFormat.of().formatHex(ours)).isEqualTo(HexFormat.of().formatHex(its));
      at += ours.length;
    }
    assertThat(at).isEqualTo(original.length);
  }

  @Test
  void theOriginalsClockAnswersWithTwoTimesInOrder() throws Exception {
    List<FrameworkMessage> clock =
        messages(false).stream().filter(each -> each.type() == TestFramework.CLOCK).toList();
    assertThat(clock).hasSize(1);
    ByteBuf times = clock.getFirst().content();
    assertThat(times.readableBytes()).isEqualTo(FrameFormat.CLOCK_BYTES);
    assertThat(times.getLongLE(0)).isPositive().isLessThan(times.getLongLE(Long.BYTES));
  }
}
