package io.baton.worker.elsewhere;

import io.baton.pipe.OwnMetrics;
import io.baton.service.SessionKey;
import io.baton.worker.broker.BrokerMessage;
import io.baton.worker.broker.Cluster;
import io.baton.worker.broker.ClusterMember;
import io.baton.worker.elsewhere.TransferMessage.Dropped;
import io.baton.worker.elsewhere.TransferMessage.Fetch;
import io.baton.worker.elsewhere.TransferMessage.Found;
import io.baton.worker.elsewhere.TransferMessage.Given;
import io.baton.worker.elsewhere.TransferMessage.NotNow;
import io.baton.worker.elsewhere.TransferMessage.Part;
import io.baton.worker.elsewhere.TransferMessage.Refused;
import io.baton.worker.elsewhere.TransferMessage.Seek;
import io.baton.worker.elsewhere.TransferMessage.Take;
import io.baton.worker.elsewhere.TransferMessage.Taken;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.metrics.SeriesState;
import io.baton.worker.migration.SavedSession;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Consumer;

/**
 * The sessions of this worker that go on at other machines, and those of other machines that go on
 * here. Event loop only.
 */
public final class Transfers implements ClusterMember {
  /** After so long a connection to the broker, all other machines have said that they are there. */
  private static final long ALL_KNOWN_MS = 3_000;

  /** The way to other machines. */
  interface Post {
    boolean toAll(BrokerMessage message);

    boolean toWorker(long worker, BrokerMessage message);

    /** Returns how many other machines are there. */
    int machines();
  }

  private final Post post;
  private final TransferCipher cipher;
  private final Takings takings;
  private final Givings givings;
  private Runnable idle = () -> {};
  private boolean busy;
  private boolean up;
  private long upMs;
  private long nowMs;

  /**
   * @param identity of this worker, with at least one secret
   * @param held sessions that are here
   * @param arriving where sessions go on that come
   */
  public Transfers(
      Cluster cluster,
      Cluster.Identity identity,
      HeldSessions held,
      ArrivingSessions arriving,
      ByteBudget budget) {
    this(
        post(cluster),
        new TransferCipher(
            identity.cluster(), identity.worker(), identity.secrets(), System::currentTimeMillis),
        new SecureRandom().nextLong() >>> 1,
        held,
        arriving,
        budget);
  }

  /**
   * @param first number of a transfer to this worker
   */
  Transfers(
      Post post,
      TransferCipher cipher,
      long first,
      HeldSessions held,
      ArrivingSessions arriving,
      ByteBudget budget) {
    this.post = post;
    this.cipher = cipher;
    givings = new Givings(held, this::send, budget);
    takings = new Takings(arriving, new Way(), SavedSession.READ, first, budget);
  }

  private static Post post(Cluster cluster) {
    return new Post() {
      @Override
      public boolean toAll(BrokerMessage message) {
        return cluster.toAll(message);
      }

      @Override
      public boolean toWorker(long worker, BrokerMessage message) {
        return cluster.toWorker(worker, message);
      }

      @Override
      public int machines() {
        return cluster.machines();
      }
    };
  }

  private final class Way implements Takings.Way {
    @Override
    public boolean sendAll(TransferMessage message) {
      return post.toAll(sealed(TransferCipher.ALL, message));
    }

    @Override
    public boolean send(long worker, TransferMessage message) {
      return Transfers.this.send(worker, message);
    }
  }

  private boolean send(long worker, TransferMessage message) {
    return post.toWorker(worker, sealed(worker, message));
  }

  private BrokerMessage sealed(long to, TransferMessage message) {
    return new BrokerMessage.OfTransfers(cipher.seal(to, TransferCodec.write(message)));
  }

  /**
   * Looks for a session on other machines, and takes it.
   *
   * @param proof what the client has shown; no bytes if that is nothing
   * @param client told the outcome, perhaps before this returns
   */
  public void seek(
      SessionKey key, String listener, byte[] proof, Consumer<Takings.Outcome> client) {
    boolean alone = post.machines() == 0 && up && nowMs - upMs > ALL_KNOWN_MS;
    if (alone || key.isShort() || proof.length > TransferMessage.MAX_PROOF) {
      client.accept(Takings.Outcome.NOWHERE);
    } else {
      takings.seek(key, listener, proof, client);
    }
  }

  /** Returns how many sessions were given to other machines. */
  public long given() {
    return givings.count();
  }

  /** Returns how many were lost on their way here. */
  long lost() {
    return takings.lost();
  }

  /** Returns how many are on their way, to other machines and here. */
  int size() {
    return givings.size() + takings.size();
  }

  /** Adds what has gone and come to this worker's metrics. */
  public void register(int slot, MetricsRegistry to) {
    List<String> labels = List.of(Integer.toString(slot));
    to.add(OwnMetrics.SESSIONS_TAKEN, labels, () -> SeriesState.counter(takings::count));
    to.add(OwnMetrics.SESSIONS_GIVEN, labels, () -> SeriesState.counter(givings::count));
    to.add(OwnMetrics.SESSIONS_LOST, labels, () -> SeriesState.counter(takings::lost));
  }

  /** Whether nobody waits for a session of another machine. */
  public boolean isIdle() {
    return takings.size() == 0;
  }

  /** Has this run when nobody does any more. */
  public void watch(Runnable whenIdle) {
    idle = whenIdle;
  }

  /** This worker ends, and takes none of the sessions that are on their way. */
  public void end() {
    takings.end();
  }

  @Override
  public void up(boolean again) {
    up = true;
    upMs = nowMs;
  }

  @Override
  public void down() {
    up = false;
    takings.down();
  }

  @Override
  public void received(long worker, BrokerMessage message) {
    if (!(message instanceof BrokerMessage.OfTransfers(byte[] sealed))) {
      return;
    }
    byte[] opened = cipher.open(worker, sealed);
    TransferMessage read = opened == null ? null : TransferCodec.read(opened);
    if (read != null) {
      take(worker, read);
    }
  }

  private void take(long worker, TransferMessage message) {
    long transfer = message.transfer();
    switch (message) {
      case Seek m -> givings.sought(worker, m);
      case Take m -> givings.asked(worker, m);
      case Fetch m -> givings.fetched(worker, transfer, m.from());
      case Taken _ -> givings.taken(worker, transfer);
      case Dropped _ -> givings.dropped(worker, transfer);
      case Found _ -> takings.found(worker, transfer);
      case NotNow _ -> takings.notNow(transfer);
      case Part m -> takings.part(worker, m);
      case Given _ -> takings.given(worker, transfer);
      case Refused m -> takings.refused(worker, transfer, m.gone());
    }
  }

  @Override
  public void forgotten(long worker) {
    givings.forgotten(worker);
    takings.forgotten(worker);
  }

  @Override
  public void tick(long ms) {
    nowMs = ms;
    givings.tick(ms);
    takings.tick(ms);
    boolean wasBusy = busy;
    busy = !isIdle();
    if (wasBusy && !busy) {
      idle.run();
    }
  }
}
