package io.baton.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;

/**
 * A peer: one process with a {@link ChannelGroup}, whose channels get what each of them sends; as
 * many event loops as a worker has.
 *
 * <p>Argument: the port. Prints "ready".
 */
final class NettyGroup {
  private NettyGroup() {}

  public static void main(String[] args) throws InterruptedException {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    Member member = new Member();
    NettyServer.listen(loops, args[0], 0, channel -> channel.pipeline().addLast(member));
    System.out.println("ready");
  }

  @Sharable
  private static final class Member extends NettyServer.Peer {
    private final ChannelGroup all = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      all.add(ctx.channel());
      var _ = ctx.writeAndFlush(TopicsModule.greeting(), ctx.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      // Nobody asks for the future of all of them.
      var _ = all.writeAndFlush((ByteBuf) message, _ -> true, true);
    }
  }
}
