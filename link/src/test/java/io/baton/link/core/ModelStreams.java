package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The byte streams of one side of a {@link LinkModel}. The n-th byte of a stream is {@code (n +
 * key) & 0x7F}; its name is the key.
 */
final class ModelStreams {
  /** A stream that this side writes. */
  private static final class Sent {
    final int key;
    long written;
    boolean ended;
    boolean stopped;
    boolean delivered;
    boolean mayWrite = true;
    @Nullable FakeFile file;

    Sent(int key) {
      this.key = key;
    }
  }

  /** A stream that this side reads. */
  private static final class Received {
    final int key;
    long read;
    boolean stopped;
    boolean mustTell;
    @Nullable LinkCode end;

    Received(int key) {
      this.key = key;
    }
  }

  /** What a source reads; it fails from some time on, or has no more than some bytes. */
  private static final class FakeFile {
    final int key;
    final long length;
    long fails = Long.MAX_VALUE;
    boolean failed;

    FakeFile(int key, long length) {
      this.key = key;
      this.length = length;
    }
  }

  private final class FakeSource implements StreamSource {
    private final FakeFile file;
    private boolean closed;

    FakeSource(FakeFile file) {
      this.file = file;
      openSources++;
    }

    @Override
    public int read(long position, ByteBuffer to) throws IOException {
      assertThat(closed).isFalse();
      if (--file.fails < 0) {
        file.failed = true;
        if (random.nextBoolean()) {
          throw new IOException("no longer");
        }
        return -1;
      }
      int n = Math.min(1 + random.nextInt(300), to.remaining());
      for (int i = 0; i < n; i++) {
        to.put((byte) ((position + i + file.key) & 0x7F));
      }
      return n;
    }

    @Override
    public byte[] saved() {
      return ByteBuffer.allocate(Integer.BYTES).putInt(file.key).array();
    }

    @Override
    public void close() {
      assertThat(closed).isFalse();
      closed = true;
      openSources--;
    }
  }

  private final ModelSide side;
  private final Random random;
  private final LinkModel.Counts counts;
  private final Map<Integer, Sent> sent = new HashMap<>();
  private final Map<Integer, Received> received = new HashMap<>();
  private final Map<Integer, FakeFile> files = new HashMap<>();
  private long bytes;
  private int keys;
  private int openSources;

  ModelStreams(ModelSide side, Random random, LinkModel.Counts counts) {
    this.side = side;
    this.random = random;
    this.counts = counts;
  }

  long bytes() {
    return bytes;
  }

  int count() {
    return sent.size() + received.size();
  }

  private LinkStreams streams() {
    return side.core.streams();
  }

  void open() {
    int key = keys++;
    Sent stream = new Sent(key);
    int channel;
    if (random.nextInt(3) == 0) {
      channel = openFile(key, stream);
      counts.sources++;
    } else {
      channel = random.nextInt(2) == 0 ? streams().open("" + key, -1) : -1;
    }
    if (channel > 0) {
      sent.put(channel, stream);
      counts.streams++;
    }
  }

  private int openFile(int key, Sent stream) {
    FakeFile file = new FakeFile(key, random.nextInt(4) == 0 ? 0 : random.nextInt(20_000));
    file.fails = random.nextInt(4) == 0 ? random.nextInt(30) : Long.MAX_VALUE;
    files.put(key, file);
    stream.file = file;
    stream.written = file.length;
    stream.ended = true;
    return streams().open("" + key, file.length, new FakeSource(file));
  }

  StreamSource reopen(byte[] saved) throws IOException {
    FakeFile file = files.get(ByteBuffer.wrap(saved).getInt());
    if (file == null) {
      throw new AssertionError("an unknown source");
    }
    if (file.failed || random.nextInt(20) == 0) {
      file.failed = true;
      throw new IOException("gone");
    }
    return new FakeSource(file);
  }

  void write() {
    sent.forEach((channel, stream) -> {
      if (stream.mayWrite && !stream.ended && random.nextInt(2) == 0) {
        ByteBuffer piece = ByteBuffer.allocate(1 + random.nextInt(700));
        while (piece.hasRemaining()) {
          piece.put((byte) ((stream.written + piece.position() + stream.key) & 0x7F));
        }
        int room = streams().room(channel);
        int n = streams().write(channel, piece.flip());
        stream.written += Math.max(0, n);
        stream.mayWrite = !piece.hasRemaining();
        assertThat(n == -1).isEqualTo(stream.stopped);
        assertThat(Math.max(0, n)).isEqualTo(Math.min(room, piece.limit()));
      }
    });
  }

  void end() {
    sent.forEach((channel, stream) -> {
      if (random.nextInt(3) == 0 && !stream.ended) {
        streams().end(channel, LinkCode.DONE.number());
        stream.ended = true;
      }
    });
  }

  void acknowledged(int channel) {
    Sent stream = sent.get(channel);
    if (stream != null) {
      stream.mayWrite = true;
    }
  }

  void opened(int channel, String name, long length) {
    assertThat(length).isGreaterThanOrEqualTo(-1);
    assertThat(received.put(channel, new Received(Integer.parseInt(name)))).isNull();
  }

  void stopped(int channel) {
    Sent stream = sent(channel);
    assertThat(stream.stopped || stream.delivered).isFalse();
    stream.stopped = true;
  }

  void delivered(int channel) {
    Sent stream = sent(channel);
    assertThat(stream.delivered).isFalse();
    stream.delivered = true;
  }

  private Sent sent(int channel) {
    Sent stream = sent.get(channel);
    if (stream == null) {
      throw new AssertionError("stream " + channel + " was not opened");
    }
    return stream;
  }

  void ended(int channel, int code) {
    Received stream = received.get(channel);
    if (stream == null || stream.end != null) {
      throw new AssertionError("END of stream " + channel);
    }
    stream.end = LinkCode.of(code);
  }

  void read() {
    received.keySet().forEach(channel -> read(channel, 1 + random.nextInt(400)));
  }

  void readAll() {
    received.keySet().forEach(channel -> read(channel, 10_000));
  }

  private void read(int channel, int most) {
    Received stream = received.get(channel);
    ByteBuffer to = ByteBuffer.allocate(most);
    if (stream == null || stream.stopped) {
      return;
    }
    int skip = random.nextInt(50);
    int n = streams().peek(channel, skip, to.slice());
    if (n > 0) {
      assertThat(streams().peek(channel, 0, to.limit(skip + Math.min(n, most - skip))))
          .isPositive();
    } else if (streams().peek(channel, 0, to) < 0) {
      return;
    }
    int size = to.flip().remaining();
    while (to.hasRemaining()) {
      assertThat(to.get()).isEqualTo((byte) ((stream.read + stream.key) & 0x7F));
      stream.read++;
      bytes++;
    }
    streams().consume(channel, size);
    if (stream.end == null) {
      assertThat(streams().consumed(channel)).isEqualTo(stream.read);
    }
  }

  void stop() {
    received.forEach((channel, stream) -> {
      if (random.nextInt(8) == 0 && !stream.stopped) {
        boolean isOver = streams().peek(channel, 0, ByteBuffer.allocate(1)) < 0;
        streams().stop(channel, LinkCode.BYE.number());
        stream.stopped = true;
        stream.mustTell = !isOver;
        counts.stops++;
        counts.lateStops += !isOver && stream.end != null ? 1 : 0;
      }
    });
  }

  void finish() {
    sent.forEach((channel, stream) -> {
      streams().end(channel, LinkCode.DONE.number());
      stream.ended = true;
    });
  }

  void checkReceived(ModelStreams other) {
    other.sent.forEach((channel, stream) -> {
      Received got = received.get(channel);
      if (got == null) {
        throw new AssertionError("stream " + channel + " has not come");
      }
      FakeFile file = stream.file;
      boolean failed = file != null && file.failed && got.end == LinkCode.ERROR;
      if (failed) {
        counts.failed++;
        assertThat(got.read).isLessThanOrEqualTo(stream.written);
      } else if (!got.mustTell) {
        assertThat(got.end).as("END of %d", channel).isEqualTo(LinkCode.DONE);
        assertThat(got.read).as("bytes of %d", channel).isEqualTo(stream.written);
      }
      assertThat(got.end).as("END of %d", channel).isNotNull();
      assertThat(stream.stopped).as("%d is stopped", channel).isEqualTo(got.mustTell);
      assertThat(stream.delivered).as("%d is delivered", channel).isTrue();
    });
  }

  void checkSources() {
    assertThat(openSources).as("sources that are open").isZero();
  }
}
