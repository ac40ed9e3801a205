package io.baton.worker.channel;

import io.baton.posix.Fd;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelId;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.Function;

/**
 * A connected, non-blocking stream socket of any family (TCP, Unix, vsock) as a channel that is
 * active from the start. Netty's own adopting constructors take TCP only: the others set
 * TCP_NODELAY and throw.
 */
public final class FdChannel extends AbstractEpollStreamChannel {
  private final FdChannelConfig config = new FdChannelConfig(this);
  private final FdAddress local;
  private final FdAddress remote;

  private FdChannel(LinuxSocket socket, FdAddress local, FdAddress remote) {
    super(socket, false); // true would ask the kernel for addresses it cannot give for all families
    active = true;
    this.local = local;
    this.remote = remote;
  }

  /**
   * Makes the descriptor a channel. The descriptor is the channel's from the return on; when this
   * throws it is still the caller's.
   *
   * @throws ChannelException if it is not a socket
   */
  public static FdChannel adopt(Fd fd, FdAddress local, FdAddress remote) {
    LinuxSocket socket = LinuxSocket.newSocket(fd.number());
    try {
      // Anything but a socket fails here rather than at epoll_ctl, when it would be ours already.
      // An
      // error the connection has by now is read and dropped: the first read finds its end anyway.
      socket.getSoError();
    } catch (IOException e) {
      throw new ChannelException("descriptor " + fd.number() + " is not a socket", e);
    }
    FdChannel channel = new FdChannel(socket, local, remote);
    fd.give();
    return channel;
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
    return local;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return remote;
  }
}
