package io.baton.manager.admin;

import io.baton.manager.listen.SocketFile;
import io.baton.posix.Epoll;
import io.baton.posix.Errno;
import io.baton.posix.EventFd;
import io.baton.posix.Fd;
import io.baton.posix.PosixException;
import io.baton.posix.Processes;
import io.baton.service.Peer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes commands over {@code run/admin.sock} from processes of the same user or of root
 * (SO_PEERCRED).
 *
 * <p>The protocol, in UTF-8: the client sends one line, a command and its arguments. The answer is
 * a line, {@code ok}, {@code ok} and an exit status, or {@code error}, and a text up to the end of
 * the stream.
 */
public final class AdminSocket implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminSocket.class);

  private static final int MODE = 0600;
  private static final int BACKLOG = 64;
  private static final int MAX_CLIENTS = 8;
  private static final int READ_TIMEOUT_MS = 5_000;
  private static final int RETRY_MS = 1_000;
  private static final int MAX_COMMAND = 1_000;
  private static final int LAST_ANSWERS_MS = 2_000;

  /** Answers commands; may block. */
  public interface Handler {
    /**
     * Obeys.
     *
     * @return what was done: the first line is {@code ok}, perhaps with an exit status
     * @throws CommandException to be shown to the one who asked
     */
    String obey(String command) throws CommandException, InterruptedException;
  }

  /** A command was not obeyed; the message says why. */
  public static class CommandException extends Exception {
    private static final long serialVersionUID = 1;

    public CommandException(String message) {
      super(message);
    }
  }

  /** A command names what there is not; the message says what is allowed. */
  public static final class WrongCommandException extends CommandException {
    private static final long serialVersionUID = 1;

    public WrongCommandException(String message) {
      super(message);
    }
  }

  private final Path path;
  private final Handler handler;
  private final ExecutorService clients;
  private Door door;
  private boolean closed;

  /**
   * Listens.
   *
   * @throws IOException with a line that says why not
   */
  public AdminSocket(Path path, Handler handler) throws IOException {
    this.path = path;
    this.handler = handler;
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            MAX_CLIENTS,
            MAX_CLIENTS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1),
            Thread.ofPlatform().daemon().name("admin-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
    clients = threads;
    door = open();
  }

  private Door open() throws IOException {
    try {
      Door opened = new Door(SocketFile.open(path, BACKLOG, MODE));
      opened.thread.start();
      return opened;
    } catch (IOException e) {
      throw new IOException("the admin socket " + path + " cannot be used: " + e.getMessage(), e);
    }
  }

  /** Why commands do not come here; null if they do. */
  public synchronized @Nullable String problem() {
    return closed || door.file.isInPlace()
        ? null
        : "the admin socket " + path + " was removed or replaced; bin/reload makes it again";
  }

  /** Makes the socket's file again if it has vanished; those who are served go on being served. */
  public synchronized void restore() {
    if (problem() == null) {
      return;
    }
    try {
      Door former = door;
      door = open();
      former.stop();
      log.warn("the admin socket {} had vanished and was made again", path);
    } catch (IOException e) {
      log.error("{}; it had vanished", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** A listening socket and the thread that accepts there, which is its owner. */
  private final class Door implements Runnable {
    private static final int CLIENT = 0;
    private static final int STOP = 1;

    private final SocketFile file;
    private final Epoll epoll = new Epoll(2);
    private final EventFd stop = new EventFd();
    private final Thread thread = Thread.ofPlatform().daemon().name("admin-accept").unstarted(this);

    Door(SocketFile file) throws PosixException {
      this.file = file;
      epoll.add(file.socket().fd(), Epoll.IN, CLIENT);
      epoll.add(stop.fd(), Epoll.IN, STOP);
    }

    /** Returns when its file is gone. */
    void stop() throws InterruptedException {
      stop.signal();
      thread.join(LAST_ANSWERS_MS);
    }

    @Override
    public void run() {
      try (file;
          epoll;
          stop) {
        while (!stopped()) {
          accept();
        }
      } catch (PosixException e) {
        log.error("the admin socket accepts no more clients", e);
      }
    }

    /** Waits for clients or the end. */
    private boolean stopped() throws PosixException {
      int n = epoll.await(-1);
      for (int i = 0; i < n; i++) {
        if (epoll.data(i) == STOP) {
          return true;
        }
      }
      return false;
    }

    private void accept() throws PosixException {
      int result = file.socket().accept();
      if (result >= 0) {
        admit(Fd.owning(result), file.socket().peer());
      } else if (result == -Errno.EMFILE || result == -Errno.ENFILE) {
        log.warn("the admin socket cannot accept: {}", Errno.describe(-result));
        epoll.remove(file.socket().fd()); // who waits would wake us up at once
        if (epoll.await(RETRY_MS) > 0) {
          stop.signal(); // that was the end, which is to be heard again
        }
        epoll.add(file.socket().fd(), Epoll.IN, CLIENT);
      }
    }
  }

  private void admit(Fd client, @Nullable Peer peer) {
    try {
      clients.execute(() -> serve(client, peer));
    } catch (RejectedExecutionException _) {
      log.warn("more than {} clients at the admin socket: one was refused", MAX_CLIENTS);
      client.end();
    }
  }

  private void serve(Fd client, @Nullable Peer peer) {
    try (UnixSocketChannel channel = UnixSocketChannel.fromFD(client.give())) {
      channel.configureBlocking(false); // as it was accepted, which the channel does not know:
      channel.configureBlocking(true); // else this would do nothing
      channel.setOption(UnixSocketOptions.SO_RCVTIMEO, READ_TIMEOUT_MS);
      if (peer instanceof Peer.Unix unix
          && (unix.uid() == 0 || unix.uid() == Processes.effectiveUser())) {
        answer(channel, obey(readCommand(channel)));
      } else {
        log.warn("{} may not give commands", who(peer));
        answer(channel, "error\nonly the server's user and root may give commands\n");
      }
    } catch (IOException e) {
      log.debug("a client of the admin socket went away", e);
    }
  }

  private static String who(@Nullable Peer peer) {
    return peer instanceof Peer.Unix unix
        ? "user " + unix.uid() + " (pid " + unix.pid() + ")"
        : "an unknown user";
  }

  private String obey(String command) {
    try {
      return handler.obey(command);
    } catch (WrongCommandException e) {
      return "error 2\n" + e.getMessage() + "\n";
    } catch (CommandException e) {
      return "error\n" + e.getMessage() + "\n";
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return "error\ninterrupted\n";
    } catch (RuntimeException e) {
      log.error("the admin command \"{}\" failed", command, e);
      return "error\n" + e + "\n";
    }
  }

  private static String readCommand(UnixSocketChannel client) throws IOException {
    ByteBuffer line = ByteBuffer.allocate(MAX_COMMAND);
    while (line.hasRemaining() && client.read(line) > 0 && line.get(line.position() - 1) != '\n') {}
    return new String(line.array(), 0, line.position(), StandardCharsets.UTF_8).strip();
  }

  private static void answer(UnixSocketChannel client, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      client.write(bytes);
    }
    // Closing while bytes of the client lie unread would reset it, and that eats the answer.
    client.shutdownOutput();
    readCommand(client);
  }

  /** Takes no more commands, and lets the last answers out. */
  @Override
  public void close() {
    try {
      clients.shutdown();
      if (!clients.awaitTermination(LAST_ANSWERS_MS, TimeUnit.MILLISECONDS)) {
        log.warn("a client of the admin socket does not read its answer");
      }
      synchronized (this) {
        closed = true;
        door.stop();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
