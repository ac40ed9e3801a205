package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.baton.codec.Flow;
import io.baton.config.CodecSettings;
import io.baton.config.SettingsFixture;
import io.baton.service.Hold;
import io.baton.worker.session.SessionHarness;
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
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Any bytes in any pieces are requests or refused: what is answered is HTTP, what is kept is
 * bounded and given back. The first byte says how large the pieces are. Under {@code mvn verify}
 * this runs its seeds; {@code JAZZER_FUZZ=1 mvn test -pl worker -am -Dtest=HttpCodecFuzzTest} looks
 * for more.
 */
class HttpCodecFuzzTest {
  private static final CodecSettings.Http BOUNDS =
      SettingsFixture.http("max-request-line = 128, max-header = 512, max-content = 256");

  /** A head, a body, and a piece; twice, because buffers grow by doubling; and what is written. */
  private static final int MOST_KEPT = 16 * 1024;

  @FuzzTest(maxDuration = "2m")
  void anyBytesAreRequestsOrRefused(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    SessionHarness<FullHttpRequest, HttpObject> server =
        new SessionHarness<>(new HttpCodec(BOUNDS, InstantSource.fixed(Instant.EPOCH)));
    server.channel.config().setAllocator(memory);
    EmbeddedChannel client = new EmbeddedChannel(new HttpResponseDecoder());
    Deque<Hold> owed = new ArrayDeque<>();
    server.probe.onReceived =
        (session, request) -> {
          check(request);
          owed.add(session.hold());
        };
    server.open();
    int most = 1 + (bytes[0] & 0xff);
    for (int at = 1; at < bytes.length && server.channel.isOpen(); at += most) {
      int size = Math.min(most, bytes.length - at);
      server.channel.writeInbound(memory.buffer(size).writeBytes(bytes, at, size));
      answer(server, owed);
      relay(server, client);
      assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory())
          .isLessThan(MOST_KEPT);
      if (server.channel.isOpen()) {
        assertThat(server.flow().phase()).isNotEqualTo(Flow.Phase.ANSWER);
        server.flow().save();
      }
    }
    server.close();
    client.finishAndReleaseAll();
    assertThat(server.counters().errors()).as("mistakes, which are in the log").isZero();
    assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory()).isZero();
  }

  private static void check(FullHttpRequest request) {
    assertThat(request.content().readableBytes()).isLessThanOrEqualTo(BOUNDS.maxContent());
    assertThat(request.uri().length()).isLessThanOrEqualTo(BOUNDS.maxRequestLine());
  }

  /** One request after the other, each when its read is over. */
  private static void answer(SessionHarness<FullHttpRequest, HttpObject> server, Deque<Hold> owed) {
    for (@Nullable Hold next = owed.poll(); next != null; next = owed.poll()) {
      assertThat(owed).as("others that are with the service").isEmpty();
      server
          .probe
          .session()
          .send(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER));
      next.release();
      server.settle();
    }
  }

  /** What the server wrote is what a client understands. */
  private static void relay(
      SessionHarness<FullHttpRequest, HttpObject> server, EmbeddedChannel client) {
    for (ByteBuf out; (out = server.channel.readOutbound()) != null; ) {
      client.writeInbound(out);
    }
    for (HttpObject read; (read = client.readInbound()) != null; ) {
      assertThat(read.decoderResult().isSuccess()).isTrue();
      ReferenceCountUtil.release(read);
    }
  }
}
