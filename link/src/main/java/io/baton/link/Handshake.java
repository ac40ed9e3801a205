package io.baton.link;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One attempt: connects, says {@code CONNECT PORT\n}, reads {@code OK PORT\n} and no byte more,
 * because what follows is the guest's. Throws ProtocolException if the answer is another one, any
 * other IOException if a later attempt may fare better. The channel is closed unless it is
 * returned.
 *
 * <p>Until the answer is there the channel does not block: a blocking read of a Unix socket cannot
 * be given a time.
 *
 * @see <a href="https://github.com/firecracker-microvm/firecracker/blob/main/docs/vsock.md">
 *     Firecracker's vsock, "Host-Initiated Connections"</a>
 */
final class Handshake {
  /** The longest right answer, {@code OK 4294967295\n}, has 14. */
  static final int MAX_ANSWER_BYTES = 32;

  private static final Pattern OK = Pattern.compile("OK (\\d{1,10})\n");
  private static final long MAX_PORT = 0xFFFF_FFFFL;

  private Handshake() {}

  static GuestConnection with(UnixDomainSocketAddress socket, long port, Deadline deadline)
      throws IOException, InterruptedException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    boolean done = false;
    try {
      channel.configureBlocking(false);
      channel.connect(socket); // A Unix socket does so at once or not at all.
      ask(channel, port);
      long hostPort = portIn(answer(channel, deadline));
      channel.configureBlocking(true);
      done = true;
      return new GuestConnection(channel, hostPort);
    } finally {
      if (!done) {
        channel.close();
      }
    }
  }

  /** In one piece, for Firecracker does not wait for a second one. */
  private static void ask(SocketChannel channel, long port) throws IOException {
    ByteBuffer request = ByteBuffer.wrap(("CONNECT " + port + "\n").getBytes(ISO_8859_1));
    channel.write(request);
    if (request.hasRemaining()) {
      throw new IOException("the socket did not take the whole request");
    }
  }

  /** A line with its end, or as much as there may be of one. */
  private static String answer(SocketChannel channel, Deadline deadline)
      throws IOException, InterruptedException {
    StringBuilder line = new StringBuilder();
    ByteBuffer next = ByteBuffer.allocate(1);
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_READ);
      while (line.length() < MAX_ANSWER_BYTES) {
        int read = channel.read(next.clear());
        if (read == 0) {
          deadline.await(selector);
        } else if (read < 0) {
          throw closedAfter(line.toString());
        } else {
          line.append((char) Byte.toUnsignedInt(next.get(0)));
          if (next.get(0) == '\n') {
            break;
          }
        }
      }
    }
    return line.toString();
  }

  private static EOFException closedAfter(String answer) {
    return new EOFException(
        answer.isEmpty()
            ? "it was closed without an answer, as when no process in the guest listens on that port"
            : "it was closed in the middle of the answer, after " + printable(answer));
  }

  private static long portIn(String answer) throws ProtocolException {
    Matcher ok = OK.matcher(answer);
    if (ok.matches()) {
      long port = Long.parseLong(ok.group(1));
      if (port <= MAX_PORT) {
        return port;
      }
    }
    throw new ProtocolException(
        "a virtual machine monitor answers \"OK PORT\\n\", but this socket said "
            + printable(answer));
  }

  /** In quotation marks, on one line, and nothing that a terminal would obey. */
  private static String printable(String answer) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < answer.length(); i++) {
      char c = answer.charAt(i);
      if (c == '\n') {
        out.append("\\n");
      } else if (c < ' ' || c > '~') {
        out.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
