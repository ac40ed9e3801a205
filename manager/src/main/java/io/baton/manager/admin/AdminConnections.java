package io.baton.manager.admin;

import io.baton.config.Settings;
import io.baton.log.RareLine;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of those who read the status, each with a virtual thread of its own. At most
 * {@value #MAX} are open: the oldest makes room for the next one, so that those who are slow hold
 * up nobody, however many they are.
 */
final class AdminConnections implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminConnections.class);

  static final int MAX = 256;

  private static final int BACKLOG = 128;
  private static final long RETRY_MS = 100;

  /** Serves one connection, which is closed afterwards. */
  interface Server {
    void serve(Socket client) throws IOException;
  }

  private final ServerSocket door;
  private final Server server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final RareLine failures = new RareLine(System::nanoTime);

  /** In the order in which they came. */
  private final Set<Socket> open = new LinkedHashSet<>();

  /**
   * Listens.
   *
   * @throws IOException with a line that says why not
   */
  AdminConnections(Settings.Admin admin, Server server) throws IOException {
    this.server = server;
    door = new ServerSocket();
    try {
      door.setReuseAddress(true);
      door.bind(new InetSocketAddress(admin.host(), admin.port()), BACKLOG);
    } catch (IOException e) {
      door.close();
      throw new IOException(
          "the admin server cannot listen on %s:%d: %s"
              .formatted(admin.host(), admin.port(), e.getMessage()),
          e);
    }
    Thread.ofPlatform().daemon().name("admin-http").start(this::acceptAll);
  }

  private void acceptAll() {
    while (!door.isClosed()) {
      try {
        admit(door.accept());
      } catch (IOException e) {
        if (!door.isClosed()) {
          complain(e);
          pause();
        }
      }
    }
  }

  private void complain(IOException e) {
    long times = failures.due();
    if (times > 0) {
      log.warn(
          "the admin server cannot accept: {}; times since this was last logged: {}",
          e.getMessage(),
          times);
    }
  }

  private void pause() {
    try {
      var _ = closed.await(RETRY_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void admit(Socket client) throws IOException {
    Socket oldest = entered(client);
    if (oldest != null) {
      oldest.close();
    }
    try {
      threads.execute(() -> serve(client));
    } catch (RejectedExecutionException _) {
      client.close(); // the server ends
    }
  }

  /** Returns who has to go for it; null if there is room. */
  private synchronized @Nullable Socket entered(Socket client) {
    open.add(client);
    if (open.size() <= MAX) {
      return null;
    }
    Iterator<Socket> each = open.iterator();
    Socket oldest = each.next();
    each.remove();
    return oldest;
  }

  private synchronized void left(Socket client) {
    open.remove(client);
  }

  private void serve(Socket client) {
    try (client) {
      server.serve(client);
    } catch (IOException e) {
      log.debug("a reader of the status went away, or had to", e);
    } finally {
      left(client);
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    closed.countDown();
    threads.shutdown();
    synchronized (this) {
      for (Socket client : open) {
        client.close();
      }
    }
  }
}
