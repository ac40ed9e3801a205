package io.baton.worker.mesh;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshSocket;
import io.baton.pipe.Load;
import io.baton.pipe.Neighbour;
import io.baton.pipe.OwnMetrics;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.metrics.SeriesState;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The links to all other workers. What is sent within one turn of the event loop goes out at its
 * end, many messages in a packet.
 *
 * <p>What waits is booked in the worker's budget. Publications may take an eighth of it, which the
 * links share equally, besides one publication each. Control may take a quarter, likewise shared,
 * and {@value #LEAST_CONTROL} bytes in any case; a link for which more waits is reset: it begins
 * anew, as if both had just been introduced. Event loop only.
 */
public final class MeshLinks implements MeshSender, MeshLink.Owner {
  /** Most links at a time: those of two generations, and no more, need room in the tables. */
  static final int MAX_LINKS = 126;

  /** For how long a worker that starts waits for its neighbours' Synced. */
  static final long SYNC_MS = 5_000;

  private static final int PUBLICATIONS_SHARE = 8;
  private static final int CONTROL_SHARE = 4;
  private static final int LEAST_CONTROL = 128 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(MeshLinks.class);

  private final SingleThreadIoEventLoop loop;
  private final ByteBudget budget;
  private final Consumer<Throwable> failed;
  private final Map<Long, MeshLink> links = new HashMap<>();

  /** Those with something to send. */
  private final Set<MeshLink> unflushed = new LinkedHashSet<>();

  /** Neighbours that have not said Synced, of those that were there before this worker. */
  private final Set<Long> unsynced = new LinkedHashSet<>();

  private @Nullable Frame frame;
  private @Nullable MeshListener listener;
  private @Nullable Runnable whenSynced;
  private boolean complete;
  private long sent;
  private long received;
  private long dropped;
  private long resets;

  /**
   * @param failed is told of our own inconsistency
   */
  public MeshLinks(SingleThreadIoEventLoop loop, ByteBudget budget, Consumer<Throwable> failed) {
    this.loop = loop;
    this.budget = budget;
    this.failed = failed;
  }

  /** Sets who is told what happens; before the first neighbour. */
  public void listen(MeshListener by) {
    listener = by;
  }

  private MeshListener listener() {
    return Objects.requireNonNull(listener, "nobody listens");
  }

  // ---- neighbours ----

  /**
   * Begins with links to neighbours.
   *
   * @param descriptors one for each, from now on this object's; fewer if there was no room for them
   * @param all whether all neighbours are named that were there before this worker
   */
  public void add(List<Neighbour> neighbours, List<Fd> descriptors, boolean all) {
    for (int i = 0; i < descriptors.size(); i++) {
      add(neighbours.get(i), descriptors.get(i));
    }
    for (Neighbour each : neighbours.subList(descriptors.size(), neighbours.size())) {
      LOG.error(
          "no link to {}: this process has no descriptor left; messages between the two are lost"
              + " until one of them is replaced",
          each);
      listener().severed(each.worker());
    }
    complete |= all;
    checkSynced();
  }

  private void add(Neighbour neighbour, Fd descriptor) {
    MeshSocket socket = new MeshSocket(descriptor, frame());
    MeshLink link = new MeshLink(neighbour, socket, budget::add, this);
    if (links.size() == MAX_LINKS) {
      LOG.error(
          "no link to {}: this worker has {} already; messages between the two are lost until one"
              + " of them is replaced",
          neighbour,
          MAX_LINKS);
      socket.close();
      listener().severed(neighbour.worker());
      return;
    }
    if (links.putIfAbsent(neighbour.worker(), link) != null) {
      socket.close();
      throw new IllegalStateException("a second link to " + neighbour);
    }
    if (!complete) {
      unsynced.add(neighbour.worker());
    }
    link.start(Objects.requireNonNull(loop.register(link).getNow(), "not on the event loop"));
    LOG.debug("link to {}", neighbour);
    listener().introduced(neighbour.worker());
  }

  private Frame frame() {
    Frame its = frame;
    if (its == null) {
      its = MeshSocket.newFrame();
      frame = its;
    }
    return its;
  }

  /**
   * Runs the action once all neighbours that were there before this worker have said Synced or have
   * ended; at the latest after {@value #SYNC_MS} ms, because one of them may be stopped.
   */
  public void whenSynced(Runnable action) {
    whenSynced = action;
    var _ = loop.schedule(guarded(this::stopWaiting), SYNC_MS, TimeUnit.MILLISECONDS);
    checkSynced();
  }

  private void stopWaiting() {
    if (whenSynced != null) {
      String silent =
          complete
              ? unsynced.stream()
                  .map(each -> link(each).neighbour().toString())
                  .collect(Collectors.joining(", "))
              : "the manager about neighbours";
      LOG.warn(
          "after {} ms there is no word from {}: this worker serves without it", SYNC_MS, silent);
      synced();
    }
  }

  private MeshLink link(long neighbour) {
    MeshLink link = links.get(neighbour);
    if (link == null) {
      throw new IllegalStateException("no link to worker number " + neighbour);
    }
    return link;
  }

  private void checkSynced() {
    if (complete && unsynced.isEmpty()) {
      synced();
    }
  }

  private void synced() {
    Runnable action = whenSynced;
    if (action != null) {
      whenSynced = null;
      unsynced.clear();
      LOG.info("linked to other workers: {}", links.size());
      action.run();
    }
  }

  // ---- out ----

  @Override
  public boolean send(long neighbour, MeshMessage message) {
    MeshLink link = links.get(neighbour);
    if (link == null) {
      return false;
    }
    long publications = budget.limit() / PUBLICATIONS_SHARE / links.size();
    long control = Math.max(LEAST_CONTROL, budget.limit() / CONTROL_SHARE / links.size());
    boolean added = link.add(message, publications, control);
    if (added) {
      sent++;
      flushLater(link);
    } else {
      dropped++;
    }
    return added;
  }

  private void flushLater(MeshLink link) {
    if (unflushed.isEmpty()) {
      loop.execute(guarded(this::flush));
    }
    unflushed.add(link);
  }

  private void flush() {
    List<MeshLink> all = List.copyOf(unflushed);
    unflushed.clear();
    all.forEach(MeshLink::flush);
  }

  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (Throwable t) {
        failed.accept(t);
      }
    };
  }

  // ---- in ----

  @Override
  public void received(MeshLink link, MeshMessage message) {
    received++;
    long neighbour = link.neighbour().worker();
    if (message instanceof MeshMessage.Reset) {
      LOG.debug("{} begins anew", link.neighbour());
      listener().reset(neighbour);
    } else {
      listener().received(neighbour, message);
    }
    if (message instanceof MeshMessage.Synced && unsynced.remove(neighbour)) {
      checkSynced();
    }
  }

  @Override
  public void drained(MeshLink link) {
    listener().writable(link.neighbour().worker());
  }

  @Override
  public void ended(MeshLink link, String why) {
    long neighbour = link.neighbour().worker();
    links.remove(neighbour);
    if (why.isEmpty()) {
      LOG.debug("{} is gone", link.neighbour());
      listener().died(neighbour);
    } else {
      LOG.error(
          "the link to {} is closed: {}; messages between the two are lost until one of them is"
              + " replaced",
          link.neighbour(),
          why);
      listener().severed(neighbour);
    }
    if (unsynced.remove(neighbour)) {
      checkSynced();
    }
  }

  /** Whoever sends just now does not expect to be told that all begins anew. */
  @Override
  public void overfull(MeshLink link, long times) {
    loop.execute(guarded(link::reset));
    resets++;
    if (times > 0) {
      LOG.warn(
          "{} receives nothing, or too slowly, and more waits for it than may: that is dropped;"
              + " once it receives, the link begins anew, and subscribers are told what they have"
              + " missed; {} times since this was last said",
          link.neighbour(),
          times);
    }
  }

  @Override
  public void begunAnew(MeshLink link) {
    listener().reset(link.neighbour().worker());
  }

  @Override
  public void failed(Throwable why) {
    failed.accept(why);
  }

  // ---- the rest ----

  /** What the links have done. */
  public Load.Mesh counts() {
    return new Load.Mesh(links.size(), sent, received, dropped, waitingBytes());
  }

  private long waitingBytes() {
    long waiting = 0;
    for (MeshLink link : links.values()) {
      waiting += link.waitingBytes();
    }
    return waiting;
  }

  /** Adds what the links have done to this worker's metrics. */
  public void register(int slot, MetricsRegistry to) {
    List<String> labels = List.of(Integer.toString(slot));
    to.add(OwnMetrics.MESH_LINKS, labels, () -> SeriesState.gauge(links::size));
    to.add(OwnMetrics.MESH_SENT, labels, () -> SeriesState.counter(() -> sent));
    to.add(OwnMetrics.MESH_RECEIVED, labels, () -> SeriesState.counter(() -> received));
    to.add(OwnMetrics.MESH_DROPPED, labels, () -> SeriesState.counter(() -> dropped));
    to.add(OwnMetrics.MESH_RESETS, labels, () -> SeriesState.counter(() -> resets));
    to.add(OwnMetrics.MESH_QUEUE, labels, () -> SeriesState.gauge(this::waitingBytes));
  }

  /** Sends what goes at once, and ends all links. */
  public void close() {
    flush();
    List<MeshLink> all = List.copyOf(links.values());
    links.clear();
    all.forEach(MeshLink::close);
  }
}
