package io.baton.manager.admin;

import io.baton.posix.Processes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import jnr.unixsocket.Credentials;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;
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

  private static final int MAX_CLIENTS = 8;
  private static final int READ_TIMEOUT_MS = 5_000;
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
  public static final class CommandException extends Exception {
    private static final long serialVersionUID = 1;

    public CommandException(String message) {
      super(message);
    }
  }

  private final Path path;
  private final Handler handler;
  private final UnixServerSocketChannel server;
  private final ExecutorService clients;

  /**
   * Listens. The run directory's lock must be held: what is at the path is replaced.
   *
   * @throws IOException with a line that says why not
   */
  public AdminSocket(Path path, Handler handler) throws IOException {
    this.path = path;
    this.handler = handler;
    Files.deleteIfExists(path);
    server = UnixServerSocketChannel.open();
    server.socket().bind(new UnixSocketAddress(path.toFile()));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
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
    Thread.ofPlatform().daemon().name("admin-accept").start(this::acceptAll);
  }

  private void acceptAll() {
    while (server.isOpen()) {
      try {
        UnixSocketChannel client = server.accept();
        if (client != null) {
          admit(client);
        }
      } catch (IOException e) {
        if (server.isOpen()) {
          log.warn("the admin socket cannot accept: {}; trying again in a second", e.getMessage());
          pause();
        }
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(1_000);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void admit(UnixSocketChannel client) throws IOException {
    try {
      clients.execute(() -> serve(client));
    } catch (RejectedExecutionException _) {
      log.warn("more than {} clients at the admin socket: one was turned away", MAX_CLIENTS);
      client.close();
    }
  }

  private void serve(UnixSocketChannel client) {
    try (client) {
      client.setOption(UnixSocketOptions.SO_RCVTIMEO, READ_TIMEOUT_MS);
      Credentials peer = client.getOption(UnixSocketOptions.SO_PEERCRED);
      if (peer.getUid() == 0 || peer.getUid() == Processes.uid()) {
        answer(client, obey(readCommand(client)));
      } else {
        log.warn("user {} (pid {}) may not give commands", peer.getUid(), peer.getPid());
        answer(client, "error\nonly the server's user and root may give commands\n");
      }
    } catch (IOException e) {
      log.debug("a client of the admin socket went away", e);
    }
  }

  private String obey(String command) {
    try {
      return handler.obey(command);
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
    ByteBuffer buffer = ByteBuffer.allocate(MAX_COMMAND);
    while (buffer.hasRemaining()
        && client.read(buffer) > 0
        && buffer.get(buffer.position() - 1) != '\n') {}
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8).strip();
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
      server.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      log.warn("the admin socket could not be closed: {}", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
