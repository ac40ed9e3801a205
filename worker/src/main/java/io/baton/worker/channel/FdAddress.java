package io.baton.worker.channel;

import java.net.SocketAddress;

/**
 * What Netty shows as the address of an adopted channel: the peer as the kernel told the manager,
 * or the listener's name. No system call, and the same for all families.
 */
final class FdAddress extends SocketAddress {
  private static final long serialVersionUID = 1;

  private final transient Object what;

  /**
   * @param what its text is the address's; asked for when somebody looks, which is seldom
   */
  FdAddress(Object what) {
    this.what = what;
  }

  @Override
  public String toString() {
    return String.valueOf(what);
  }
}
