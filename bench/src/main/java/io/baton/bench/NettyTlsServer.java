package io.baton.bench;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;

/**
 * A peer: one process, one event loop, Netty's own HTTP codec behind its handler for TLS, which has
 * the same BoringSSL as Baton.
 *
 * <p>Arguments: the port, and the files of a certificate and its key. Prints "ready".
 */
final class NettyTlsServer {
  private NettyTlsServer() {}

  public static void main(String[] args) throws Exception {
    SslContext tls =
        SslContextBuilder.forServer(new File(args[1]), new File(args[2]))
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .protocols("TLSv1.3")
            .build();
    byte[] small = new byte[64];
    byte[] large = new byte[1024];
    NettyServer.Answering answering =
        new NettyServer.Answering(target -> target.equals("/64") ? small : large);
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    NettyServer.listen(
        loop,
        args[0],
        Integer.getInteger(NettyServer.DEFER, 0),
        channel ->
            channel
                .pipeline()
                .addLast(tls.newHandler(channel.alloc()), new HttpServerCodec(), answering));
    System.out.println("ready");
  }
}
