package io.baton.systemtest;

import io.baton.testing.Seeds;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Raw clients that stream bytes to an echo and look at every byte that comes back: each place of
 * each client's stream has a byte of its own, so that nothing can be lost, doubled or swapped
 * unseen. What is said and answered is counted in bytes.
 */
final class Streams extends Crowd<Streams.Stream> {
  private static final int AT_ONCE = 16;

  /** A prime, and more than is ever under way, so that no shift looks like the right bytes. */
  private static final int PATTERN = 65_521;

  private static final int WINDOW = 16 * 1024;
  private static final int MAX_PIECE = 4 * 1024;

  /** One of them. */
  static final class Stream extends Crowd.Member {
    private final SocketChannel channel;

    private Stream(int number, SocketChannel channel) {
      super(number);
      this.channel = channel;
    }
  }

  private final byte[] pattern = new byte[PATTERN];
  private final Random random = new Random(Seeds.one(Streams.class));
  private final Selector selector = Selector.open();
  private final ByteBuffer in = ByteBuffer.allocateDirect(WINDOW);
  private final ByteBuffer out = ByteBuffer.allocateDirect(MAX_PIECE);

  Streams(int port, int clients) throws IOException {
    super(AT_ONCE);
    random.nextBytes(pattern);
    List<Stream> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.configureBlocking(false);
      Stream stream = new Stream(i, channel);
      channel.register(selector, SelectionKey.OP_READ, stream);
      all.add(stream);
    }
    begin(all);
  }

  private byte at(Stream stream, long place) {
    return pattern[(int) ((place + 7_919L * stream.number) % PATTERN)];
  }

  @Override
  void speak(Stream stream) {
    long said = stream.said.get();
    int room = WINDOW - (int) (said - stream.answered.get());
    int length = Math.min(room, 1 + random.nextInt(MAX_PIECE));
    out.clear();
    for (int i = 0; i < length; i++) {
      out.put(at(stream, said + i));
    }
    try {
      stream.said.addAndGet(stream.channel.write(out.flip()));
    } catch (IOException e) {
      end(stream, e.toString());
    }
  }

  @Override
  void listen() throws IOException {
    selector.selectNow(key -> hear((Stream) key.attachment()));
  }

  private void hear(Stream stream) {
    try {
      int n = stream.channel.read(in.clear());
      if (n < 0) {
        end(stream, "the server ended it");
        return;
      }
      check(stream, in.flip());
    } catch (IOException e) {
      end(stream, e.toString());
    }
  }

  private void check(Stream stream, ByteBuffer bytes) {
    long place = stream.answered.get();
    int n = bytes.remaining();
    for (int i = 0; i < n; i++) {
      if (bytes.get(i) != at(stream, place + i)) {
        gotWrong(stream, "byte " + (place + i) + " is another");
        end(stream, "after a wrong byte");
        return;
      }
    }
    stream.answered.addAndGet(n);
  }

  private void end(Stream stream, String how) {
    ended(stream, how);
    leave(stream);
  }

  @Override
  void leave(Stream stream) {
    try {
      stream.channel.close();
    } catch (IOException e) {
      gotWrong(stream, "cannot be closed: " + e);
    }
  }

  @Override
  public void close() throws IOException {
    super.close();
    selector.close();
  }
}
