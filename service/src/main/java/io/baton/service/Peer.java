package io.baton.service;

import java.net.InetAddress;
import java.nio.file.Path;

/** Who is at the other end of a connection, as the kernel says it. */
public sealed interface Peer {

  /** A TCP peer, printed as {@code tcp:ADDRESS:PORT}. */
  record Tcp(InetAddress address, int port) implements Peer {
    @Override
    public String toString() {
      String host = address.getHostAddress();
      return "tcp:" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /** A process on this machine (SO_PEERCRED at accept), printed as {@code unix:pid=PID,uid=UID}. */
  record Unix(int pid, int uid) implements Peer {
    @Override
    public String toString() {
      return "unix:pid=" + pid + ",uid=" + uid;
    }
  }

  /** A virtual machine or its host, printed as {@code vsock:CID:PORT}. */
  record Vsock(long cid, long port) implements Peer {
    @Override
    public String toString() {
      return "vsock:" + cid + ":" + port;
    }
  }

  /**
   * A virtual machine whose monitor makes a Unix socket of its vsock; printed as {@code
   * vsock+unix:PATH,pid=PID,uid=UID}.
   *
   * @param socket the monitor's, which tells the machine
   * @param pid the monitor's process
   */
  record VsockUnix(Path socket, int pid, int uid) implements Peer {
    @Override
    public String toString() {
      return "vsock+unix:" + socket + ",pid=" + pid + ",uid=" + uid;
    }
  }
}
