package io.baton.bench;

import io.baton.codec.Protocol;
import io.baton.config.Settings;
import io.baton.config.SettingsReader;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.service.Peer.Unix;
import io.baton.service.Service;
import io.baton.worker.codec.http.HttpRouter;
import io.baton.worker.codec.http.RoutedHttpCodec;
import io.baton.worker.lane.LoopLane;
import io.baton.worker.load.ChannelMeter;
import io.baton.worker.load.Latencies;
import io.baton.worker.load.WorkerCounters;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.memory.MemoryLimits;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionFactory;
import io.baton.worker.session.SessionKeys;
import io.baton.worker.session.WorkerContext;
import io.baton.worker.spool.Spool;
import io.baton.worker.tls.TlsConnections;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * One HTTP connection of a worker without its socket: the bytes of a request in, through the codec,
 * the session and a route to a service, and the bytes of its answer out; again and again. Prints
 * the nanoseconds that one takes, once the code is compiled.
 */
public final class RequestLoop {
  private static final int ROUNDS = 9;
  private static final int COUNTED = 5;
  private static final int REQUESTS = 500_000;
  private static final int READ_BUFFER = 2048;

  /** More memory than the loop ever needs, in bytes. */
  private static final long BUDGET = 1L << 30;

  private static final long STOP_MS = 1_000;

  /** The listener, with the defaults for all that it does not set. */
  private static final Map<String, String> WEB =
      Map.of(
          "baton.listeners.web.endpoint", "unix:web.sock",
          "baton.listeners.web.codec", "http",
          "baton.listeners.web.routes", "{ \"/hello\" = hello }",
          "baton.listeners.web.read-timeout", "30s",
          "baton.listeners.web.write-timeout", "30s");

  private static final byte[] REQUEST =
      "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] GREETING = "Hello, world!\n".getBytes(StandardCharsets.US_ASCII);

  private RequestLoop() {}

  public static void main(String[] args) throws Exception {
    Settings settings =
        SettingsReader.read(Path.of("/dev/null"), WEB, Path.of("/nowhere")).settings();
    EventExecutor loop = new DefaultEventExecutor(); // on whose thread Netty keeps what is a loop's
    try {
      System.out.println(loop.submit(() -> nanosEach(settings)).get());
    } finally {
      var _ = loop.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS);
    }
  }

  private static double nanosEach(Settings settings) {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            DefaultChannelId.newInstance(),
            true,
            false,
            new ChannelInitializer<EmbeddedChannel>() {
              @Override
              protected void initChannel(EmbeddedChannel fresh) {
                equip(fresh, settings);
              }
            });
    ChannelHandlerContext socket = channel.pipeline().firstContext();
    Wire wire = (Wire) socket.handler();
    long[] nanos = IntStream.range(0, ROUNDS).mapToLong(_ -> round(channel, socket)).toArray();
    if (wire.answers != (long) ROUNDS * REQUESTS) {
      throw new BenchException(wire.answers + " answers to " + ROUNDS * REQUESTS + " requests");
    }
    List<Double> counted =
        IntStream.range(ROUNDS - COUNTED, ROUNDS)
            .mapToObj(i -> nanos[i] / (double) REQUESTS)
            .toList();
    var _ = channel.finishAndReleaseAll();
    return Spread.of(counted).median();
  }

  private static long round(Channel channel, ChannelHandlerContext socket) {
    long before = System.nanoTime();
    for (int i = 0; i < REQUESTS; i++) {
      socket.fireChannelRead(channel.alloc().directBuffer(READ_BUFFER).writeBytes(REQUEST));
      socket.fireChannelReadComplete();
    }
    return System.nanoTime() - before;
  }

  private static void equip(EmbeddedChannel channel, Settings settings) {
    channel.pipeline().addLast(new Wire());
    EventLoop loop = channel.eventLoop();
    WorkerCounters counters = new WorkerCounters();
    ByteBudget budget = new ByteBudget(BUDGET);
    WorkerContext context =
        new WorkerContext(
            loop,
            counters,
            new Latencies(),
            Map.of(Settings.LaneKind.LOOP, new LoopLane(loop)),
            5_000,
            SessionKeys.alone(),
            new ChannelMeter(counters, budget),
            MemoryLimits.of(budget),
            _ -> {},
            task -> task);
    Handoff handoff = new Handoff(1, 0, new Unix(1, 1), HandoffKind.FRESH);
    var _ =
        new SessionFactory(context, TlsConnections.none()).open(channel, route(settings), handoff);
  }

  private static Route<HttpObject, HttpObject> route(Settings settings) {
    Service<FullHttpRequest, HttpObject> hello = (session, _) -> session.send(greeting());
    HttpRouter.Table table =
        new HttpRouter.Table(List.of(HttpRouter.Target.whole("/hello", () -> hello)));
    Settings.Listener web = settings.listeners().getFirst();
    RoutedHttpCodec codec =
        new RoutedHttpCodec(
            settings.codecs().http(), InstantSource.system(), Spool.NONE, web.routes(), Map.of());
    return new Route<>(
        web.name(),
        new Protocol<>("", codec, () -> new HttpRouter(table)),
        List.of(),
        web.options());
  }

  private static FullHttpResponse greeting() {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1,
        HttpResponseStatus.OK,
        Unpooled.wrappedBuffer(GREETING),
        new DefaultHttpHeaders().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN),
        EmptyHttpHeaders.INSTANCE);
  }

  /** Where the socket would be. */
  private static final class Wire extends ChannelOutboundHandlerAdapter {
    private long answers;

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      ((ByteBuf) msg).release();
      answers++;
    }
  }
}
