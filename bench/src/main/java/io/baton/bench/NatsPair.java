package io.baton.bench;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A peer: one process with two connections to a NATS server, each the client library's own. One
 * publishes, the dispatcher of the other one receives; what its clients say is that of {@link
 * TopicDelays}.
 *
 * <p>Arguments: the port, and the server's URL. Prints "ready".
 */
final class NatsPair {
  private static final String SUBJECT = "delays";

  private NatsPair() {}

  public static void main(String[] args) throws InterruptedException, IOException {
    Connection from = Nats.connect(args[1]);
    Connection to = Nats.connect(args[1]);
    Ends ends = new Ends(from);
    to.createDispatcher(message -> ends.received(message.getData())).subscribe(SUBJECT);
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    NettyServer.listen(loops, args[0], 0, channel -> channel.pipeline().addLast(ends));
    System.out.println("ready");
  }

  @Sharable
  private static final class Ends extends NettyServer.Peer {
    private final Connection from;
    private volatile @Nullable Channel sink;

    private Ends(Connection from) {
      this.from = from;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      var _ = ctx.writeAndFlush(TopicsModule.greeting(), ctx.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf said = (ByteBuf) message;
      if (said.readByte() == TopicDelays.SINK) {
        sink = ctx.channel();
      } else {
        byte[] bytes = new byte[TopicDelays.SIZE];
        ByteBuffer.wrap(bytes).putLong(System.nanoTime());
        from.publish(SUBJECT, bytes);
      }
      said.release();
    }

    /** The dispatcher's thread. */
    private void received(byte[] message) {
      long nanos = System.nanoTime() - ByteBuffer.wrap(message).getLong();
      Channel its = sink;
      if (its != null) {
        var _ = its.writeAndFlush(Unpooled.buffer(Long.BYTES).writeLong(nanos), its.voidPromise());
      }
    }
  }
}
