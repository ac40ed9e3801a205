package io.baton.worker.migration;

import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.posix.Fd;
import io.baton.service.SessionKey;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A session as its own migration sees it. Event loop only. */
public interface MovingSession {
  EventLoop loop();

  /** The clock's nanoseconds. */
  long nanos();

  /** What the manager knows of the connection. */
  Handoff facts();

  /** The number that names the session, that of its first connection. */
  long sessionId();

  /** The key under which its client finds it; null if it has none. */
  @Nullable SessionKey key();

  /** For how long it still waits for its client, in milliseconds; negative if that is there. */
  long awayMs();

  /** Returns what is known of its client, in its form; no bytes if that is nothing. */
  ByteBuffer identity();

  /** Returns its account for the access log; no bytes if it has no line there. */
  ByteBuffer account();

  /** Returns what it has got of its topics, once it has saved; no bytes if it has none. */
  ByteBuffer topics();

  /** Which of its listener's protocols is spoken. */
  String protocol();

  /** As {@link MovableSession#kind}. */
  String kind();

  boolean isQuiet();

  Flow.Phase phase();

  /**
   * Saves the codec's part; empty if it cannot move now, or not on one of the further connections,
   * or the codec failed.
   */
  Optional<Saved> saveCodec();

  /**
   * Has the service save. One of the two is told, perhaps later.
   *
   * @param cannot there is nothing to save, or the service threw
   */
  void saveService(Consumer<byte[]> done, Runnable cannot);

  /** The class of the service that saves; null if it is not known. */
  @Nullable Class<?> serviceClass();

  /** Returns its further connections as the manager is to know them, in order. */
  List<HandoffKind.Companion> companions();

  /**
   * Saves them, each with its cover, its codec's part and its unsent output; empty if one of them
   * cannot move now. To be called last.
   */
  Optional<List<SavedSession>> saveCompanions();

  /** Sends what was written, as far as the kernel and the client take it. */
  void flush();

  /**
   * Returns the output that was flushed and that the kernel has not taken; empty if it cannot move.
   */
  Optional<ByteBuffer> unsent();

  /**
   * Returns what the connection's cover needs in another worker; no bytes if it has none. Nothing
   * goes through it until it has moved or is taken back. To be called before the codec is saved,
   * which may send behind what this flushes.
   *
   * @return empty, with nothing given, if it cannot move now
   */
  Optional<ByteBuffer> giveCover();

  /** It is not given after all; also if it was not. */
  void takeCoverBack();

  /**
   * Holds back, for this turn of the loop, what other threads send, or lets it go on.
   *
   * @return false if something is on its way: then it is not held back
   */
  boolean seal(boolean seals);

  /** Lends its connections' descriptors, which nobody may close or keep. */
  <T> T lend(Function<List<Fd>, T> use);

  /** It is not tried again at once. */
  void stay();

  /** It is another worker's now: this copy is closed, which no client notices. */
  void moved();

  /** The same, of another machine. */
  void movedElsewhere();

  /** It goes on here. */
  void thaw();
}
