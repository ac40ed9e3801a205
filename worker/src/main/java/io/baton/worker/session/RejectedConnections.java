package io.baton.worker.session;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Window;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.worker.channel.OrderlyClose;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clients beyond a limit, on their way out: each is told so in its protocol, if that has a word for
 * it, and closed in order. No service hears of them, and nothing they send is read by their codec.
 * At most {@value #MAX} at a time; the next are just closed. Event loop only.
 */
public final class RejectedConnections {
  static final int MAX = 256;

  private static final Logger LOG = LoggerFactory.getLogger(RejectedConnections.class);

  private final Set<Channel> leaving = new HashSet<>();
  private boolean complained;

  /**
   * Fits a channel that is not registered yet with its goodbye.
   *
   * @return false if there are too many already: the channel is to be closed
   */
  public boolean equip(Channel channel, Codec<?, ?> codec, Peer peer) {
    if (leaving.size() >= MAX) {
      return false;
    }
    Flow flow = codec.install(CodecContext.of(channel.pipeline(), peer, new Shut(), null));
    channel.pipeline().addLast(new Goodbye(flow));
    leaving.add(channel);
    channel.closeFuture().addListener(_ -> leaving.remove(channel));
    return true;
  }

  /** Closes all of them now. */
  public void abort() {
    for (Channel each : List.copyOf(leaving)) {
      var _ = each.close();
    }
  }

  private void complain(Throwable cause) {
    if (!complained) {
      complained = true;
      LOG.error("a codec failed while it turned a client away; this is logged once", cause);
    }
  }

  private final class Goodbye extends ChannelInboundHandlerAdapter {
    private final Flow flow;

    Goodbye(Flow flow) {
      this.flow = flow;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      try {
        flow.goodbye(CloseReason.LIMIT);
      } catch (RuntimeException e) {
        complain(e);
      }
      OrderlyClose.begin(ctx.channel(), false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      complain(cause);
      var _ = ctx.close();
    }
  }

  /** Never opens. What follows a goodbye is the closing's matter. */
  private static final class Shut implements Window {
    @Override
    public boolean open() {
      return false;
    }

    @Override
    public boolean quiet() {
      return true;
    }

    @Override
    public void shut() {}

    @Override
    public void reopen() {}

    @Override
    public boolean admits(long bytes) {
      return false;
    }

    @Override
    public void holds(int bytes) {}

    @Override
    public void end(CloseReason why) {}
  }
}
