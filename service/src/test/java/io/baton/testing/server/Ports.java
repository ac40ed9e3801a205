package io.baton.testing.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * TCP ports for servers that are started later. They are below those that the kernel gives to
 * clients by itself (from 32,768 on), so that no client of another test sits on one meanwhile; each
 * is given out once, and a JVM that runs tests beside this one has others.
 */
public final class Ports {
  private static final int LOWEST = 10_000;
  private static final int OF_A_FORK = 10_000;

  private static final int FIRST =
      LOWEST + (Integer.getInteger("baton.fork", 1) - 1) % 2 * OF_A_FORK;

  // Another build on this machine most likely begins elsewhere.
  private static int next = (int) (ProcessHandle.current().pid() * 97 % OF_A_FORK);

  private Ports() {}

  /** Free at this moment, and left alone by other tests. */
  public static synchronized List<Integer> free(int n) throws IOException {
    List<Integer> ports = new ArrayList<>();
    for (int tried = 0; ports.size() < n; tried++) {
      if (tried == OF_A_FORK) {
        throw new IOException("no port is free from " + FIRST + " on");
      }
      int port = FIRST + next;
      next = (next + 1) % OF_A_FORK;
      if (isFree(port)) {
        ports.add(port);
      }
    }
    return ports;
  }

  private static boolean isFree(int port) {
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
