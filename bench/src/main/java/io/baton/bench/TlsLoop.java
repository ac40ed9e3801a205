package io.baton.bench;

import io.baton.config.Configuration;
import io.baton.config.SettingsReader;
import io.baton.worker.tls.Arrival;
import io.baton.worker.tls.TlsConnections;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.io.File;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A server's side of encrypted connections without their sockets: what a client of BoringSSL has
 * sent in, an echo's answer out; with Baton's handlers or with Netty's alone. Prints the
 * nanoseconds that an echo of 64 B takes, one of 1 KB, and a handshake, once the code is compiled;
 * only the server's share.
 *
 * <p>Arguments: {@value #BATON} or {@value #NETTY}, and the files of a certificate and its key.
 */
public final class TlsLoop {
  static final String BATON = "baton";
  static final String NETTY = "netty";

  private static final String PROTOCOL = "TLSv1.3";
  private static final String SUITE = "TLS_AES_128_GCM_SHA256";

  private static final int ROUNDS = 12;
  private static final int COUNTED = 5;
  private static final int MESSAGES = 40_000;
  private static final int HANDSHAKES = 1_500;
  private static final long STOP_MS = 1_000;

  private final boolean batons;
  private final TlsConnections ours;
  private final SslContext theirs;
  private final SslContext client;

  private TlsLoop(boolean batons, TlsConnections ours, SslContext theirs, SslContext client) {
    this.batons = batons;
    this.ours = ours;
    this.theirs = theirs;
    this.client = client;
  }

  public static void main(String[] args) throws Exception {
    File chain = new File(args[1]);
    File key = new File(args[2]);
    Configuration configuration =
        SettingsReader.read(
            Path.of("/dev/null"),
            Map.of(
                "baton.listeners.echo.endpoint", "unix:echo.sock",
                "baton.listeners.echo.codec", "raw",
                "baton.listeners.echo.service", "echo",
                "baton.listeners.echo.tls.certificates",
                    "[{ chain = \"%s\", key = \"%s\" }]".formatted(chain, key)),
            Path.of("/nowhere"));
    TlsConnections ours =
        TlsConnections.of(
            configuration.settings().listeners(), configuration.credentials(), null, _ -> {});
    SslContext theirs =
        SslContextBuilder.forServer(chain, key)
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .protocols(PROTOCOL)
            .build();
    SslContext client =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .protocols(PROTOCOL)
            .ciphers(List.of(SUITE))
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .build();
    TlsLoop measured = new TlsLoop(args[0].equals(BATON), ours, theirs, client);
    EventExecutor loop = new DefaultEventExecutor(); // on whose thread Netty keeps what is a loop's
    try {
      System.out.println(loop.submit(measured::measure).get());
    } finally {
      var _ = loop.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS);
    }
  }

  private String measure() {
    return String.format(
        Locale.ROOT,
        "%.1f %.1f %.1f",
        median(() -> echoes(64)),
        median(() -> echoes(1024)),
        median(this::handshakes));
  }

  private interface Round {
    double nanosEach();
  }

  private static double median(Round round) {
    List<Double> nanos = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      nanos.add(round.nanosEach());
    }
    return Spread.of(nanos.subList(ROUNDS - COUNTED, ROUNDS)).median();
  }

  /** The server's share of so many handshakes. */
  private double handshakes() {
    long nanos = 0;
    for (int i = 0; i < HANDSHAKES; i++) {
      Connection connection = new Connection();
      nanos += connection.nanos;
      connection.close();
    }
    return nanos / (double) HANDSHAKES;
  }

  /** The server's share of so many messages. */
  private double echoes(int length) {
    Connection connection = new Connection();
    connection.nanos = 0;
    for (int i = 0; i < MESSAGES; i++) {
      connection.say(length);
      while (connection.deliver()) {}
    }
    double each = connection.nanos / (double) MESSAGES;
    if (connection.sink.bytes != (long) length * MESSAGES) {
      throw new BenchException(connection.sink.bytes + " bytes came back");
    }
    connection.close();
    return each;
  }

  /** Both ends of a connection; only what the server does is timed. */
  private final class Connection {
    private final Wire toServer = new Wire();
    private final Wire toClient = new Wire();
    private final Sink sink = new Sink();
    private final SslHandler handler = client.newHandler(PooledByteBufAllocator.DEFAULT);
    private final EmbeddedChannel peer;
    private final EmbeddedChannel server;
    private long nanos;

    Connection() {
      long before = System.nanoTime();
      server = channel(toClient, this::equipServer);
      nanos = System.nanoTime() - before;
      peer = channel(toServer, pipeline -> pipeline.addLast(handler, sink));
      while (deliver()) {}
      if (!handler.handshakeFuture().isSuccess()) {
        throw new BenchException("a handshake failed: " + handler.handshakeFuture().cause());
      }
    }

    private void equipServer(ChannelPipeline pipeline) {
      if (batons) {
        ours.cover(pipeline.channel(), "echo", new NoArrival());
      } else {
        pipeline.addLast(theirs.newHandler(PooledByteBufAllocator.DEFAULT));
      }
      pipeline.addLast(new Echo());
    }

    void say(int length) {
      ByteBuf message = PooledByteBufAllocator.DEFAULT.directBuffer(length).writeZero(length);
      var _ = peer.pipeline().writeAndFlush(message, peer.voidPromise());
    }

    /** Returns whether there was anything under way. */
    boolean deliver() {
      boolean any = false;
      for (ByteBuf each; (each = toServer.sent.poll()) != null; any = true) {
        long before = System.nanoTime();
        server.pipeline().fireChannelRead(each);
        server.pipeline().fireChannelReadComplete();
        nanos += System.nanoTime() - before;
      }
      for (ByteBuf each; (each = toClient.sent.poll()) != null; any = true) {
        peer.pipeline().fireChannelRead(each);
        peer.pipeline().fireChannelReadComplete();
      }
      return any;
    }

    void close() {
      var _ = peer.finishAndReleaseAll();
      var _ = server.finishAndReleaseAll();
      toServer.sent.forEach(ByteBuf::release);
      toClient.sent.forEach(ByteBuf::release);
    }
  }

  private static EmbeddedChannel channel(Wire out, Consumer<ChannelPipeline> equips) {
    return new EmbeddedChannel(
        DefaultChannelId.newInstance(),
        true,
        false,
        new ChannelInitializer<EmbeddedChannel>() {
          @Override
          protected void initChannel(EmbeddedChannel fresh) {
            fresh.pipeline().addLast(out);
            equips.accept(fresh.pipeline());
          }
        });
  }

  /** Where the socket would be. */
  private static final class Wire extends ChannelOutboundHandlerAdapter {
    private final Queue<ByteBuf> sent = new ArrayDeque<>();

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      ByteBuf bytes = (ByteBuf) msg;
      if (bytes.isReadable()) {
        sent.add(bytes);
      } else {
        bytes.release();
      }
      if (!promise.isVoid()) {
        promise.setSuccess();
      }
    }
  }

  /** The server's answer. */
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      var _ = ctx.write(msg, ctx.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }

  /** Where answers end. */
  private static final class Sink extends ChannelInboundHandlerAdapter {
    private long bytes;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf answer = (ByteBuf) msg;
      bytes += answer.readableBytes();
      answer.release();
    }
  }

  private static final class NoArrival implements Arrival {
    @Override
    public void arrived() {}

    @Override
    public void secured(List<X509Certificate> certificates) {}

    @Override
    public void failed() {}
  }
}
