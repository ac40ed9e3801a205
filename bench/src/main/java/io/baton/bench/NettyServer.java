package io.baton.bench;

import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_LENGTH;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_TYPE;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A peer: one process, Netty's own HTTP codec, two event loops that accept and serve. What Baton
 * would be without its manager, its services, its limits and its moves.
 *
 * <p>Arguments: the ports of an echo, of HTTP, and of an echo that burns on a thread of its own.
 * Prints "ready".
 */
final class NettyServer {
  /** The system property with the seconds that HTTP clients which say nothing are not accepted. */
  static final String DEFER = "defer-accept";

  private static final int LOOPS = 2;
  private static final int BACKLOG = 1024;
  private static final byte[] HELLO = "Hello, World!".getBytes(StandardCharsets.US_ASCII);

  private NettyServer() {}

  public static void main(String[] args) throws InterruptedException {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(LOOPS, EpollIoHandler.newFactory());
    Echo echo = new Echo();
    Answering hello = new Answering(_ -> HELLO);
    listen(loops, args[0], 0, channel -> channel.pipeline().addLast(echo));
    listen(
        loops,
        args[1],
        Integer.getInteger(DEFER, 0),
        channel -> channel.pipeline().addLast(new HttpServerCodec(), hello));
    listen(loops, args[2], 0, channel -> channel.pipeline().addLast(new Burning()));
    System.out.println("ready");
  }

  static void listen(EventLoopGroup loops, String port, int deferSeconds, Consumer<Channel> setup)
      throws InterruptedException {
    new ServerBootstrap()
        .group(loops)
        .channel(EpollServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(EpollChannelOption.TCP_DEFER_ACCEPT, deferSeconds)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                setup.accept(channel);
              }
            })
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)))
        .sync();
  }

  abstract static class Peer extends ChannelInboundHandlerAdapter {
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }

    /** A reset, mostly. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var _ = ctx.close();
    }
  }

  @Sharable
  private static final class Echo extends Peer {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var _ = ctx.write(message, ctx.voidPromise());
    }
  }

  /** Not on the loop, as whoever writes such a service would know. */
  private static final class Burning extends Peer {
    private final Burner burner = new Burner();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      thread.execute(() -> {
        if (burner.burn() != 0) {
          var _ = ctx.writeAndFlush(message);
        }
      });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      thread.shutdown();
    }
  }

  @Sharable
  static final class Answering extends Peer {
    private final Function<String, byte[]> answers;

    /**
     * @param answers to a request's target
     */
    Answering(Function<String, byte[]> answers) {
      this.answers = answers;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      boolean whole = message instanceof LastHttpContent;
      if (message instanceof HttpRequest request) {
        answer(ctx, request);
      } else if (!whole) {
        var _ = ctx.close();
      }
      ReferenceCountUtil.release(message);
    }

    private void answer(ChannelHandlerContext ctx, HttpRequest request) {
      byte[] bytes = answers.apply(request.uri());
      ByteBuf body = Unpooled.wrappedBuffer(bytes);
      FullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
      response.headers().set(CONTENT_TYPE, "text/plain").setInt(CONTENT_LENGTH, bytes.length);
      boolean stays = HttpUtil.isKeepAlive(request);
      HttpUtil.setKeepAlive(response, stays);
      if (stays) {
        var _ = ctx.write(response, ctx.voidPromise());
      } else {
        var _ = ctx.write(response).addListener(ChannelFutureListener.CLOSE);
      }
    }
  }
}
