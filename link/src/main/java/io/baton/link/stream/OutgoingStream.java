package io.baton.link.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.link.LinkException;
import io.baton.link.Outgoing;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream that this side sends: of a file, which the core reads by itself, or of bytes that are
 * written into a {@link StreamOutput}.
 *
 * <p>It is made without a session, and either given to {@link SessionStreams#send} or ended with
 * {@link #abandon}.
 *
 * <pre>
 *   made --send--> open --delivered--> over
 *   made or open --cancel, a failed source, the peer's STOP, end of the session--> over
 * </pre>
 */
public final class OutgoingStream extends StreamHandle implements Outgoing {
  private static final int MAX_NAME_BYTES = 255;
  private static final long MAX_LENGTH = 1L << 62;

  private final @Nullable FileSource file;
  private final @Nullable StreamOutput output;
  private final @Nullable InputStream input;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  /** Set once, with the lock held. */
  private volatile @Nullable StreamOwner session;

  /** With the lock held. */
  private @Nullable Thread pump;

  private OutgoingStream(
      String name, long length, @Nullable FileSource file, @Nullable InputStream input) {
    super(name, length);
    this.file = file;
    this.output = file == null ? new StreamOutput(this) : null;
    this.input = input;
    if (file != null) {
      file.sentBy(this);
    }
  }

  /**
   * Makes a stream of a file's bytes, which may not change until they have arrived.
   *
   * @throws IOException if the file cannot be read
   */
  public static OutgoingStream of(String name, Path path) throws IOException {
    checkName(name);
    return of(name, FileSource.open(path));
  }

  private static void checkName(String name) {
    if (name.getBytes(UTF_8).length > MAX_NAME_BYTES) {
      throw new IllegalArgumentException("a stream's name has at most 255 bytes of UTF-8: " + name);
    }
  }

  static OutgoingStream of(String name, FileSource file) {
    return new OutgoingStream(name, file.size(), file, null);
  }

  /**
   * Makes a stream of what a thread of its own reads from the input, which is closed at the end. An
   * exception of the input, or another number of bytes, ends the stream with ERROR.
   *
   * @param length how many bytes there are, if that is known
   * @throws IllegalArgumentException if the name is too long, or the length is not from 0 to 2^62;
   *     the input is not closed then
   */
  public static OutgoingStream of(String name, InputStream input, OptionalLong length) {
    checkName(name);
    long bytes = length.orElse(0);
    if (bytes < 0 || bytes > MAX_LENGTH) {
      throw new IllegalArgumentException("a stream's length is from 0 to 2^62, not " + bytes);
    }
    return new OutgoingStream(name, length.orElse(-1), null, input);
  }

  /** Makes a stream of what is written to its {@link #output}. */
  public static OutgoingStream of(String name) {
    checkName(name);
    return new OutgoingStream(name, -1, null, null);
  }

  /**
   * Returns where the bytes are written, by one thread at a time. It is buffered: flushing waits
   * until all bytes are on their way. Closing it ends the stream and does not wait. A write fails
   * with a {@link LinkException} if the stream has ended before; an interrupt ends its wait with an
   * {@link java.io.InterruptedIOException}, and the stream stays usable.
   *
   * @throws IllegalStateException if the stream has a file
   */
  public OutputStream output() {
    if (output == null) {
      throw new IllegalStateException("the stream " + name + " is of a file");
    }
    return output;
  }

  /** Goes on with a stream of {@link FileSource#saved}. */
  static OutgoingStream restore(StreamOwner session, DataInputStream from) throws IOException {
    int channel = from.readInt();
    String name = from.readUTF();
    boolean over = from.readBoolean();
    long sent = from.readLong();
    OutgoingStream stream = of(name, FileSource.restore(from));
    stream.session = session;
    stream.channel = channel;
    stream.sent = sent;
    if (over) {
      stream.over(null, false);
    }
    return stream;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long sent() {
    return sent;
  }

  @Override
  public CompletableFuture<Void> done() {
    return done;
  }

  @Override
  public void cancel() {
    cut(because(LinkCode.BYE, "was cancelled", null));
  }

  /** Ends the stream with a code; what was not sent is not sent any more. */
  @Override
  void cut(LinkException why) {
    if (abandon(why)) {
      return;
    }
    run(core -> {
      if (over(why, true)) {
        core.streams().end(channel, why.code());
      }
    });
  }

  /**
   * Ends the stream, unless a session has taken it.
   *
   * @return false if one has
   */
  public boolean abandon(LinkException why) {
    lock.lock();
    try {
      if (session != null) {
        return false;
      }
      if (!end(why)) {
        return true;
      }
    } finally {
      lock.unlock();
    }
    closeFile();
    if (input != null) {
      StreamPump.close(input);
    }
    complete(done, null, why);
    return true;
  }

  /** Tells whether the stream depends on an object of this process, so that it cannot move. */
  boolean isBound() {
    return file == null && !isOver();
  }

  @Nullable FileSource file() {
    return file;
  }

  void closeFile() {
    if (file != null) {
      file.close();
    }
  }

  /** Has the core asked to take what is written. */
  @Override
  void request() {
    run(this::progress);
  }

  private void run(Consumer<LinkCore> action) {
    StreamOwner its = session;
    if (its != null) {
      its.access.run(action);
    }
  }

  // By a thread that has the core.

  /** Begins on a channel, unless it has ended already; takes what was written before. */
  boolean begin(LinkCore core, StreamOwner its, int on) {
    lock.lock();
    try {
      if (isOver()) {
        return false;
      }
      channel = on;
      session = its;
      if (input != null && output != null) {
        StreamPump copying = new StreamPump(this, input, output);
        pump = Thread.ofVirtual().name("link-stream-" + name).start(copying);
      }
    } finally {
      lock.unlock();
    }
    progress(core);
    return true;
  }

  /** Takes what is written, as far as there is room. */
  void progress(LinkCore core) {
    if (output == null) {
      return;
    }
    lock.lock();
    try {
      if (channel > 0 && !isOver()) {
        output.push(core.streams());
      }
    } finally {
      lock.unlock();
    }
  }

  /** The other side has consumed everything that was sent. */
  void delivered() {
    boolean whole = file == null || sent == length;
    over(whole ? null : because(LinkCode.BYE, "was cut: the session was closed", null), true);
  }

  @Override
  boolean over(@Nullable LinkException why, boolean told) {
    StreamOwner its = session;
    lock.lock();
    try {
      if (!end(why)) {
        return false;
      }
      if (pump != null) {
        pump.interrupt();
      }
    } finally {
      lock.unlock();
    }
    if (told && file != null && its != null) {
      its.transferred(name, false, file.path(), sent, why);
    }
    complete(done, null, why);
    return true;
  }
}
