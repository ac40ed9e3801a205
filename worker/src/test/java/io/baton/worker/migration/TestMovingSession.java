package io.baton.worker.migration;

import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.posix.Fd;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A session that does nothing but what a test tells it, and writes down what it is told. */
final class TestMovingSession implements MovingSession {
  static final Handoff FACTS = new Handoff(7, 3, new Peer.Unix(1, 2), HandoffKind.FRESH);
  static final Saved CODEC = Saved.unread("raw", 1, ByteBuffer.wrap(new byte[] {1}));
  static final ByteBuffer UNSENT = ByteBuffer.wrap(new byte[] {2});

  final List<String> told = new ArrayList<>();
  final EventLoop loop;
  long now = -5; // a monotonic clock may begin anywhere
  boolean quiet = true;
  Flow.Phase phase = Flow.Phase.IDLE;
  Optional<Saved> codec = Optional.of(CODEC);
  Optional<ByteBuffer> unsent = Optional.of(UNSENT);
  Optional<ByteBuffer> cover = Optional.of(ByteBuffer.allocate(0));
  boolean seals = true;
  @Nullable SessionKey key;
  long sessionId = FACTS.id();
  private boolean coverGiven;

  /** What happens within a look at the codec. */
  Runnable onSaveCodec = () -> {};

  private @Nullable Consumer<byte[]> done;
  private @Nullable Runnable cannot;

  TestMovingSession(EventLoop loop) {
    this.loop = loop;
  }

  @Override
  public long sessionId() {
    return sessionId;
  }

  @Override
  public @Nullable SessionKey key() {
    return key;
  }

  /** The service, which has been asked to save, does. */
  void serviceSaves(int... bytes) {
    byte[] saved = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      saved[i] = (byte) bytes[i];
    }
    if (done == null) {
      throw new AssertionError("the service was not asked to save");
    }
    done.accept(saved);
  }

  /** The service, which has been asked to save, cannot. */
  void serviceCannot() {
    if (cannot == null) {
      throw new AssertionError("the service was not asked to save");
    }
    cannot.run();
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public Handoff facts() {
    return FACTS;
  }

  @Override
  public String protocol() {
    return "protocol";
  }

  @Override
  public String kind() {
    return "kind";
  }

  @Override
  public boolean isQuiet() {
    return quiet;
  }

  @Override
  public Flow.Phase phase() {
    return phase;
  }

  Optional<List<SavedSession>> companions = Optional.of(List.of());

  @Override
  public Optional<Saved> saveCodec() {
    onSaveCodec.run();
    return codec;
  }

  @Override
  public void saveService(Consumer<byte[]> saved, Runnable unsaved) {
    told.add("save");
    done = saved;
    cannot = unsaved;
  }

  @Override
  public @Nullable Class<?> serviceClass() {
    return TestMovingSession.class;
  }

  @Override
  public void flush() {
    // Everything goes out at once.
  }

  @Override
  public Optional<ByteBuffer> unsent() {
    return unsent;
  }

  @Override
  public Optional<ByteBuffer> giveCover() {
    coverGiven = cover.isPresent();
    return cover;
  }

  @Override
  public void takeCoverBack() {
    if (coverGiven) {
      coverGiven = false;
      told.add("take cover back");
    }
  }

  @Override
  public void stay() {
    told.add("stay");
  }

  @Override
  public boolean seal(boolean on) {
    told.add(on ? "seal" : "unseal");
    return !on || seals;
  }

  @Override
  public long awayMs() {
    return -1;
  }

  @Override
  public ByteBuffer identity() {
    return ByteBuffer.allocate(0);
  }

  @Override
  public ByteBuffer topics() {
    return ByteBuffer.allocate(0);
  }

  @Override
  public ByteBuffer account() {
    return ByteBuffer.allocate(0);
  }

  @Override
  public List<HandoffKind.Companion> companions() {
    return List.of();
  }

  @Override
  public Optional<List<SavedSession>> saveCompanions() {
    return companions;
  }

  @Override
  public <T> T lend(Function<List<Fd>, T> use) {
    throw new UnsupportedOperationException("there is no descriptor");
  }

  @Override
  public void movedElsewhere() {
    told.add("moved elsewhere");
  }

  @Override
  public void moved() {
    told.add("moved");
  }

  @Override
  public void thaw() {
    told.add("thaw");
  }
}
