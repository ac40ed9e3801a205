package io.baton.bench;

import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A peer: gRPC's echo in one process with one event loop, on which its service runs, too, as in
 * Baton's lane {@code loop}.
 *
 * <p>Argument: the port. Prints "ready".
 */
final class GrpcServer {
  private GrpcServer() {}

  public static void main(String[] args) throws Exception {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    int port = Integer.parseInt(args[0]);
    NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .channelType(EpollServerSocketChannel.class)
        .bossEventLoopGroup(loop)
        .workerEventLoopGroup(loop)
        .directExecutor()
        .addService(
            ServerServiceDefinition.builder(GrpcEcho.SERVICE)
                .addMethod(GrpcEcho.METHOD, ServerCalls.asyncBidiStreamingCall(Echo::new))
                .build())
        .build()
        .start();
    System.out.println("ready");
  }

  private record Echo(StreamObserver<byte[]> responses) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] message) {
      responses.onNext(message);
    }

    @Override
    public void onError(Throwable cause) {
      // The client is gone.
    }

    @Override
    public void onCompleted() {
      responses.onCompleted();
    }
  }
}
