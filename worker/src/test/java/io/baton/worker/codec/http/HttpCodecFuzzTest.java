package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Window;
import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Any bytes in any pieces are requests or refused: what is answered is HTTP, what is kept is
 * bounded and given back. The first byte says how large the pieces are. Under {@code mvn verify}
 * this runs its seeds; {@code JAZZER_FUZZ=1 mvn test -pl worker -am -Dtest=HttpCodecFuzzTest} looks
 * for more.
 */
class HttpCodecFuzzTest {
  private static final Settings.Http BOUNDS =
      SettingsFixture.http("max-request-line = 128, max-header = 512, max-content = 256");

  /** A head, a body, and a piece; twice, because buffers grow by doubling; and what is written. */
  private static final int MOST_KEPT = 16 * 1024;

  /** Open for one request at a time, until the session ends. */
  private static final class Session implements Window {
    private boolean shut;
    private boolean ended;

    @Override
    public boolean open() {
      return !ended && !shut;
    }

    @Override
    public boolean quiet() {
      return !shut;
    }

    @Override
    public void shut() {
      shut = true;
    }

    @Override
    public void reopen() {
      shut = false;
    }

    @Override
    public boolean admits(long bytes) {
      return true;
    }

    @Override
    public void holds(int bytes) {}

    @Override
    public void end(CloseReason why) {
      ended = true;
    }
  }

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreRequestsOrRefused(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    EmbeddedChannel server = new EmbeddedChannel();
    server.config().setAllocator(memory);
    EmbeddedChannel client = new EmbeddedChannel(new HttpResponseDecoder());
    Session session = new Session();
    Flow flow =
        new HttpCodec(BOUNDS, InstantSource.fixed(Instant.EPOCH))
            .install(CodecContext.of(server.pipeline(), session, null));
    int most = 1 + (bytes[0] & 0xff);
    for (int at = 1; at < bytes.length && !session.ended; at += most) {
      int size = Math.min(most, bytes.length - at);
      server.writeInbound(memory.buffer(size).writeBytes(bytes, at, size));
      answer(server, flow);
      relay(server, client);
      assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
          .isLessThan(MOST_KEPT);
      assertThat(session.ended || flow.phase() != Flow.Phase.ANSWER).isTrue();
      flow.save();
    }
    server.finishAndReleaseAll();
    client.finishAndReleaseAll();
    assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory()).isZero();
  }

  private static void answer(EmbeddedChannel server, Flow flow) {
    for (FullHttpRequest request; (request = server.readInbound()) != null; ) {
      assertThat(request.content().readableBytes()).isLessThanOrEqualTo(BOUNDS.maxContent());
      assertThat(request.uri().length()).isLessThanOrEqualTo(BOUNDS.maxRequestLine());
      request.release();
      server.writeOutbound(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
      flow.resume();
    }
  }

  /** What the server wrote is what a client understands. */
  private static void relay(EmbeddedChannel server, EmbeddedChannel client) {
    for (ByteBuf out; (out = server.readOutbound()) != null; ) {
      client.writeInbound(out);
    }
    for (HttpObject read; (read = client.readInbound()) != null; ) {
      assertThat(read.decoderResult().isSuccess()).isTrue();
      ReferenceCountUtil.release(read);
    }
  }
}
