package io.baton.worker.channel;

import io.baton.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.epoll.Native;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.Function;

/**
 * A connected, non-blocking stream socket of any family (TCP, Unix, vsock) as a channel that is
 * active from the start. Netty's own adopting constructors take TCP only: the others set
 * TCP_NODELAY and throw.
 */
public final class FdChannel extends AbstractEpollStreamChannel {
  private final FdChannelConfig config;
  private final Meter meter;
  private final Object local;
  private final Object remote;

  /** What the meter was told to wait for the client. */
  private long unsent;

  private FdChannel(LinuxSocket socket, ReadSizes sizes, Meter meter, Object local, Object remote) {
    super(socket, false); // true would ask the kernel for addresses it cannot give for all families
    active = true;
    this.config = new FdChannelConfig(this, sizes);
    this.meter = meter;
    this.local = local;
    this.remote = remote;
  }

  /**
   * Makes the descriptor a channel. The descriptor is the channel's from the return on; when this
   * throws it is still the caller's.
   *
   * @param sizes of the event loop that it will be registered with
   * @param meter told of all that is to be written
   * @param local what its local address is shown as
   * @param remote what its peer's address is shown as
   * @throws ChannelException if it is not a socket
   */
  public static FdChannel adopt(Fd fd, ReadSizes sizes, Meter meter, Object local, Object remote) {
    // Asks the kernel for the socket's own name, and throws if the descriptor is none.
    LinuxSocket socket = LinuxSocket.newSocket(fd.number());
    FdChannel channel = new FdChannel(socket, sizes, meter, local, remote);
    fd.give();
    return channel;
  }

  /**
   * Shown to epoll with what it will be asked for a moment later: one epoll_ctl less. If epoll does
   * not take the descriptor, Netty only logs that and leaves the promise as it is.
   */
  @Override
  protected void doRegister(ChannelPromise promise) {
    try {
      if (config.isAutoRead()) {
        setFlag(Native.EPOLLIN);
      }
      super.doRegister(promise);
      if (!promise.isDone()) {
        doDeregister();
        throw new IOException("epoll does not take the descriptor");
      }
    } catch (Exception e) {
      promise.setFailure(e);
    }
  }

  @Override
  protected Object filterOutboundMessage(Object msg) {
    Object fit = super.filterOutboundMessage(msg);
    if (fit instanceof ByteBuf bytes) {
      int more = bytes.readableBytes();
      meter.bytesOut(more);
      unsent(unsent + more); // until the next flush says it exactly
    }
    return fit;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) throws Exception {
    super.doWrite(in);
    unsent(in.totalPendingWriteBytes());
  }

  @Override
  protected void doClose() throws Exception {
    super.doClose();
    unsent(0);
  }

  private void unsent(long now) {
    if (now != unsent) {
      meter.unsent(now - unsent);
      unsent = now;
    }
  }

  /** Lends out the descriptor, which nobody may close or keep. */
  public <T> T lend(Function<Fd, T> use) {
    Fd lent = Fd.owning(fd().intValue());
    try {
      return use.apply(lent);
    } finally {
      lent.give();
    }
  }

  @Override
  protected ChannelId newId() {
    return new FdChannelId();
  }

  @Override
  public FdChannelConfig config() {
    return config;
  }

  @Override
  protected SocketAddress localAddress0() {
    return new FdAddress(local);
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return new FdAddress(remote);
  }
}
