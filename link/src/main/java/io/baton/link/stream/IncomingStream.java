package io.baton.link.stream;

import io.baton.link.Incoming;
import io.baton.link.LinkException;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A stream that the other side sends. Of its bytes one piece is here, which stays unconsumed in the
 * core until the user has taken all of it; at most a window of them is in the core.
 *
 * <pre>
 *   offered --input, to--> used --END, behind all bytes--> over
 *   offered --refuse--> over
 *   offered, used --close, an error of the file, end of the session--> over
 * </pre>
 */
public final class IncomingStream extends StreamHandle implements Incoming {
  private final StreamOwner session;
  private final ReceivedPiece piece;

  // With the lock held.
  private boolean taken;
  private boolean used;
  private @Nullable StreamFile file;

  /** The code of END, -1 until it has come. */
  private int ending = -1;

  /**
   * @param consumed how many bytes of the stream were consumed before
   */
  IncomingStream(StreamOwner session, int channel, String name, long length, long consumed) {
    super(name, length);
    this.session = session;
    this.channel = channel;
    this.piece = new ReceivedPiece(this, consumed);
  }

  /** Goes on with a stream of {@link #save}, whose bytes were written into a file. */
  static IncomingStream restore(StreamOwner session, DataInputStream from) throws IOException {
    IncomingStream stream =
        new IncomingStream(
            session, from.readInt(), from.readUTF(), from.readLong(), from.readLong());
    stream.taken = true;
    stream.ending = from.readInt();
    stream.use(new StreamFile(stream, stream.piece, Path.of(from.readUTF())));
    return stream;
  }

  /** Opens the file again after {@link #restore}. */
  void resume(LinkCore core) {
    LinkException failure = file == null ? null : file.start(false);
    if (failure != null) {
      stop(core, failure);
    }
    readable(core);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public OptionalLong length() {
    return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
  }

  @Override
  public InputStream input() {
    take();
    use(null);
    request();
    return new StreamInput(this, piece);
  }

  @Override
  public CompletableFuture<Long> to(Path path) {
    take();
    StreamFile target = new StreamFile(this, piece, path.toAbsolutePath());
    LinkException failure = isOver() ? null : target.start(true);
    use(target);
    CompletableFuture<?> unused =
        target.written.whenComplete((n, e) -> {
          if (target.written.isCancelled()) {
            cut(because(LinkCode.BYE, "was cancelled", null));
          }
        });
    if (failure == null) {
      request();
    } else {
      cut(failure);
    }
    return target.written;
  }

  @Override
  public void refuse(int code) {
    if (code < 1 || code > 0xFFFF) {
      throw new IllegalArgumentException("a code is from 1 to 65535, not " + code);
    }
    take();
    cut(because(code, "was refused", null));
  }

  private void take() {
    lock.lock();
    try {
      if (taken) {
        throw new IllegalStateException("the stream " + name + " is accepted or refused already");
      }
      taken = true;
    } finally {
      lock.unlock();
    }
  }

  /** Begins to read, into a file if there is one. */
  private void use(@Nullable StreamFile target) {
    lock.lock();
    try {
      used = true;
      file = target;
      if (isOver() && target != null) {
        complete(target.written, piece.consumed(), failure());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Has a piece that is taken consumed, and the next one brought. */
  @Override
  void request() {
    session.access.run(this::readable);
  }

  /** Tells the sender that nothing more is read, and ends the handle. */
  @Override
  void cut(LinkException why) {
    session.access.run(core -> stop(core, why));
  }

  private void stop(LinkCore core, LinkException why) {
    if (over(why, true)) {
      core.streams().stop(channel, why.code());
    }
  }

  /** Tells whether the stream depends on an object of this process, so that it cannot move. */
  boolean isBound() {
    lock.lock();
    try {
      return file == null && !isOver();
    } finally {
      lock.unlock();
    }
  }

  // By a thread that has the core.

  /** There may be bytes to read. */
  void readable(LinkCore core) {
    boolean atEnd;
    lock.lock();
    try {
      if (!used || isOver()) {
        return;
      }
      piece.next(core.streams());
      changed();
      atEnd = piece.size() == 0 && ending >= 0;
    } finally {
      lock.unlock();
    }
    if (atEnd) {
      finish();
    }
  }

  /** END has come; bytes may be left. */
  void ended(LinkCore core, int code) {
    lock.lock();
    try {
      ending = code;
    } finally {
      lock.unlock();
    }
    readable(core);
  }

  private void finish() {
    LinkException why = null;
    if (ending != LinkCode.DONE.number()) {
      why = endedBy("the other side", ending);
    } else if (file != null) {
      why = file.close();
    }
    over(why, true);
  }

  @Override
  boolean over(@Nullable LinkException why, boolean told) {
    StreamFile target;
    lock.lock();
    try {
      if (!end(why)) {
        return false;
      }
      target = file;
    } finally {
      lock.unlock();
    }
    session.forget(channel);
    if (target != null) {
      if (told) {
        session.transferred(name, true, target.path, piece.consumed(), why);
      }
      complete(target.written, piece.consumed(), why);
    }
    return true;
  }

  /** Writes what another process needs to go on with the file. */
  void save(DataOutputStream to) throws IOException {
    lock.lock();
    try {
      if (file == null) {
        throw new IllegalStateException("the stream " + name + " cannot move");
      }
      to.writeInt(channel);
      to.writeUTF(name);
      to.writeLong(length);
      to.writeLong(piece.consumed());
      to.writeInt(ending);
      to.writeUTF(file.path.toString());
    } finally {
      lock.unlock();
    }
  }
}
