package io.baton.bench;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections to a server, or two, all on one event loop, each of which was told by its server in
 * which process it is. For one thread, which waits for the bytes that it expects.
 */
final class Audience implements AutoCloseable {
  private static final int AT_ONCE = 64;
  private static final int PATIENCE_SECONDS = 30;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final List<Hearer> hearers = new ArrayList<>();

  /** A permit for each event that the thread waits for. */
  private final Semaphore events = new Semaphore(0);

  // The event loop's.
  private long missing;

  /** Opens so many. */
  Audience(int port, int n) throws InterruptedException {
    this(Collections.nCopies(n, port));
  }

  /** Opens one to each of these ports. */
  Audience(List<Integer> ports) throws InterruptedException {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true);
    while (hearers.size() < ports.size()) {
      int some = Math.min(AT_ONCE, ports.size() - hearers.size());
      for (int i = 0; i < some; i++) {
        Hearer hearer = new Hearer();
        int port = ports.get(hearers.size());
        hearers.add(hearer);
        var _ =
            bootstrap
                .clone()
                .handler(
                    new ChannelInitializer<>() {
                      @Override
                      protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(hearer);
                      }
                    })
                .connect("127.0.0.1", port);
      }
      await(some, "connections");
    }
  }

  int size() {
    return hearers.size();
  }

  /** Returns the process that this one is in. */
  long process(int hearer) {
    return hearers.get(hearer).process;
  }

  /** Has one say something, and waits until so many bytes have come to all of them together. */
  void say(int hearer, byte[] message, long answered) throws InterruptedException {
    group
        .next()
        .execute(() -> {
          missing = answered;
          hearers.get(hearer).say(message);
        });
    if (answered > 0) {
      await(1, "all of " + answered + " bytes");
    }
  }

  /** Returns what one of them has heard last. */
  ByteBuf last(int hearer) {
    return Unpooled.wrappedBuffer(hearers.get(hearer).last);
  }

  private void await(int permits, String what) throws InterruptedException {
    if (!events.tryAcquire(permits, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new BenchException("%s did not come in %d s".formatted(what, PATIENCE_SECONDS));
    }
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Hearer extends SimpleChannelInboundHandler<ByteBuf> {
    private volatile long process;
    private volatile byte[] last = {};
    private ByteBuf greeting = Unpooled.EMPTY_BUFFER;
    private @Nullable Channel channel;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      channel = ctx.channel();
      greeting = Unpooled.buffer(Long.BYTES);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
      if (greeting.isWritable()) {
        greeting.writeBytes(message, Math.min(greeting.writableBytes(), message.readableBytes()));
        if (!greeting.isWritable()) {
          process = greeting.getLong(0);
          events.release();
        }
      }
      int bytes = message.readableBytes();
      if (bytes > 0 && bytes <= 2 * Long.BYTES) {
        byte[] heard = new byte[bytes];
        message.getBytes(message.readerIndex(), heard);
        last = heard;
      }
      missing -= bytes;
      if (bytes > 0 && missing == 0) {
        events.release();
      }
    }

    /** A reset: what is expected of it does not come, and somebody waits for that. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var _ = ctx.close();
    }

    void say(byte[] message) {
      Channel its = requireNonNull(channel);
      var _ = its.writeAndFlush(Unpooled.wrappedBuffer(message), its.voidPromise());
    }
  }
}
