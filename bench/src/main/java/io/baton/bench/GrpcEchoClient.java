package io.baton.bench;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;

/**
 * The client of gRPC's echo: each session is a channel of its own with one stream. Answers are
 * heard on the event loop, which saves changes of thread.
 */
final class GrpcEchoClient implements EchoClient {
  private static final int CLOSE_SECONDS = 10;

  private final int port;

  GrpcEchoClient(int port) {
    this.port = port;
  }

  @Override
  public Session open(Listener listener) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().directExecutor().build();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(GrpcEcho.METHOD, CallOptions.DEFAULT), new Answers(listener));
    return new Session() {
      @Override
      public void send(byte[] payload) {
        requests.onNext(payload);
      }

      @Override
      public void close() {
        requests.onCompleted();
        channel.shutdown();
        try {
          if (!channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
            throw new BenchException("a channel of gRPC did not close");
          }
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  private record Answers(Listener listener) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] answer) {
      listener.answered(answer);
    }

    @Override
    public void onError(Throwable cause) {
      listener.lost(cause.toString());
    }

    @Override
    public void onCompleted() {
      // As it was closed here.
    }
  }
}
