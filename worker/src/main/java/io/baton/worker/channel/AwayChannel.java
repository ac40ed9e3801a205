package io.baton.worker.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;

/**
 * A channel that leads nowhere, for a session whose client has lost its connection: nothing comes,
 * and what is written waits until somebody takes it along. Event loop only.
 */
public final class AwayChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final Meter meter;
  private final FdAddress local;
  private final FdAddress remote;
  private boolean open = true;
  private boolean discards;
  private long unsent;

  /**
   * @param meter told of all that is to be written
   * @param local what its local address is shown as
   * @param remote what its peer's address is shown as
   */
  public AwayChannel(Meter meter, Object local, Object remote) {
    super(null, new FdChannelId());
    this.meter = meter;
    this.local = new FdAddress(local);
    this.remote = new FdAddress(remote);
  }

  /** Throws away what is written from now on: somebody else keeps it. */
  public void discard() {
    discards = true;
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(SocketAddress to, SocketAddress from, ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException());
      }
    };
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected Object filterOutboundMessage(Object msg) {
    if (!(msg instanceof ByteBuf bytes)) {
      throw new UnsupportedOperationException("only bytes can wait for a client");
    }
    int more = bytes.readableBytes();
    meter.bytesOut(more);
    meter.unsent(more);
    unsent += more;
    return msg;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) {
    while (discards && in.remove()) {
      // Each remove() takes one message.
    }
    if (discards) {
      settle();
    }
  }

  @Override
  protected void doClose() {
    open = false;
    settle();
  }

  private void settle() {
    meter.unsent(-unsent);
    unsent = 0;
  }

  @Override
  protected void doBeginRead() {
    // Nothing will come.
  }

  @Override
  protected void doBind(SocketAddress to) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open;
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected SocketAddress localAddress0() {
    return local;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return remote;
  }
}
