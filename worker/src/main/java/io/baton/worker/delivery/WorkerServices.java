package io.baton.worker.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.pipe.OwnMetrics;
import io.baton.service.AskException;
import io.baton.service.AskException.Reason;
import io.baton.service.Services;
import io.baton.worker.broker.Cluster;
import io.baton.worker.broker.ClusterServices;
import io.baton.worker.delivery.ServiceRegistry.Offered;
import io.baton.worker.memory.ByteBudget;
import io.baton.worker.mesh.MeshListener;
import io.baton.worker.mesh.MeshSender;
import io.baton.worker.metrics.MetricsRegistry;
import io.baton.worker.metrics.SeriesState;
import io.baton.worker.services.AskResult;
import io.baton.worker.services.AskResult.Answered;
import io.baton.worker.services.AskResult.Unanswered;
import io.baton.worker.services.RemoteWorkers;
import io.baton.worker.services.ServiceOutput;
import io.baton.worker.services.ServiceRouter;
import io.baton.worker.time.Uptime;
import io.baton.worker.topics.RemotePublications;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The named services of a worker between its modules' threads and the links to other workers: the
 * {@link ServiceRouter} decides, this carries out. Code of modules runs in virtual threads, each
 * question and each outcome in one of its own.
 *
 * <p>Event loop only, but for {@link #ask}, {@link #offersChanged} and {@link #watched}.
 */
public final class WorkerServices implements MeshListener, ServiceWorker {
  private static final int OVERHEAD_BYTES = 400;

  /** How late a timeout may be told. */
  private static final long TICK_MS = 10;

  private static final Logger LOG = LoggerFactory.getLogger(WorkerServices.class);

  private final EventLoop loop;
  private final UnaryOperator<Runnable> guard;
  private final ServiceRouter router;
  private final RemoteWorkers remote;
  private final ChangedOffers changedOffers;
  private final AskLatencies latencies = new AskLatencies();
  private final LoopInbox inbox;
  private final Uptime uptime = new Uptime();
  private volatile ServiceRegistry registry = new ServiceRegistry();
  private @Nullable ClusterServices cluster;
  private boolean scheduled;
  private boolean finishing;
  private Runnable settled = () -> {};

  /**
   * @param worker its number
   * @param guard wraps what is done later
   */
  public WorkerServices(
      long worker,
      int slot,
      EventLoop loop,
      ByteBudget budget,
      MeshSender links,
      UnaryOperator<Runnable> guard) {
    this.loop = loop;
    this.guard = guard;
    this.inbox = new LoopInbox(loop, guard);
    BudgetedMemory memory = new BudgetedMemory(budget);
    this.router = new ServiceRouter(worker, slot, new SplittableRandom(), memory, new Out(links));
    this.remote = new RemoteWorkers(router, memory);
    this.changedOffers = new ChangedOffers(router::offers);
  }

  private final class Out implements ServiceOutput {
    private final MeshSender links;

    Out(MeshSender links) {
      this.links = links;
    }

    @Override
    public boolean send(long neighbour, MeshMessage message) {
      return RemotePublications.isRemote(neighbour)
          ? cluster != null && cluster.send(neighbour, message)
          : links.send(neighbour, message);
    }

    @Override
    public void sendToMachines(MeshMessage message) {
      if (cluster != null) {
        cluster.sendToAll(message);
      }
    }

    @Override
    public void respond(long accepted, Ask question) {
      Offered its = registry.offered(question.name());
      if (its == null) { // withdrawn just now
        loop.execute(guard.apply(() -> fail(accepted, "the service is offered no more")));
      } else {
        registry.run(its.loader(), () -> answer(its, accepted, question));
      }
    }

    @Override
    public void changed(String name) {
      changedOffers.add(name);
    }
  }

  private long nowMs() {
    return uptime.ms();
  }

  // ---- modules ----

  /** Begins with the modules' services, before this worker is ready. */
  public void begin(ServiceRegistry its) {
    registry = its;
    its.begin(this);
  }

  @Override
  public void offersChanged(String name) {
    var _ =
        inbox.put(() -> {
          if (registry.offered(name) == null) {
            router.withdraw(name);
          } else {
            router.offer(name);
          }
        });
  }

  @Override
  public void watched(ServiceWatch watch) {
    var _ = inbox.put(() -> watch.show(router.offers(watch.name())));
  }

  @Override
  public CompletionStage<byte[]> ask(
      String name, @Nullable String key, byte[] question, Duration timeout, ClassLoader loader) {
    CompletableFuture<byte[]> outcome = new CompletableFuture<>();
    int timeoutMs = (int) Math.max(1, timeout.plusNanos(999_999).toMillis());
    if (loop.inEventLoop()) {
      ask(name, key, question, timeoutMs, outcome, loader);
      return outcome;
    }
    int cost = OVERHEAD_BYTES + name.length() + question.length;
    Runnable asking = () -> ask(name, key, question, timeoutMs, outcome, loader);
    return switch (inbox.put(cost, 0, asking)) {
      case TAKEN -> outcome;
      case FULL -> failed(Reason.OVERLOADED, "this worker has much to ask");
      case ENDED -> failed(Reason.GONE, "this worker has ended");
    };
  }

  private static CompletionStage<byte[]> failed(Reason reason, String text) {
    return CompletableFuture.failedStage(new AskException(reason, text));
  }

  private void ask(
      String name,
      @Nullable String key,
      byte[] question,
      int timeoutMs,
      CompletableFuture<byte[]> outcome,
      ClassLoader loader) {
    long askedNanos = System.nanoTime();
    router.ask(
        name,
        key,
        question,
        timeoutMs,
        result -> {
          latencies.add(System.nanoTime() - askedNanos);
          registry.run(loader, () -> complete(outcome, result));
        },
        nowMs());
    tickSoon();
  }

  private static void complete(CompletableFuture<byte[]> outcome, AskResult result) {
    switch (result) {
      case Answered its -> outcome.complete(its.content());
      case Unanswered its ->
          outcome.completeExceptionally(new AskException(its.reason(), its.text()));
    }
  }

  // ---- answers ----

  /** In a thread of the service. */
  private void answer(Offered service, long accepted, Ask question) {
    try {
      byte[] answer = service.answerer().answer(question.key(), question.content());
      if (answer.length > Services.MAX_MESSAGE_BYTES) {
        throw new IllegalStateException(
            "an answer has at most %d bytes, this one %d"
                .formatted(Services.MAX_MESSAGE_BYTES, answer.length));
      }
      var _ = inbox.put(() -> answered(accepted, Verdict.ANSWERED, answer));
    } catch (Throwable t) {
      LOG.debug("a service has failed to answer", t);
      String text = text(t);
      var _ = inbox.put(() -> fail(accepted, text));
    }
  }

  /** Even if the exception of a module cannot say what it is. */
  private static String text(Throwable t) {
    try {
      return String.valueOf(t.toString());
    } catch (RuntimeException _) {
      return t.getClass().getName();
    }
  }

  private void fail(long accepted, String text) {
    String cut = text.substring(0, Math.min(text.length(), AskException.MAX_TEXT));
    answered(accepted, Verdict.FAILED, cut.getBytes(UTF_8));
  }

  private void answered(long accepted, Verdict verdict, byte[] content) {
    router.answered(accepted, verdict, content);
    checkSettled();
  }

  // ---- neighbours ----

  @Override
  public void introduced(long neighbour) {
    router.introduced(neighbour);
  }

  @Override
  public void writable(long neighbour) {
    router.writable(neighbour);
    checkSettled();
  }

  /**
   * A worker withdraws after its successor has said what it offers. That may be in another link,
   * and is read in this turn of the event loop at the latest: so it withdraws after this turn.
   */
  @Override
  public void received(long neighbour, MeshMessage message) {
    if (message instanceof Withdraw) {
      loop.execute(guard.apply(() -> router.received(neighbour, message, nowMs())));
    } else {
      router.received(neighbour, message, nowMs());
      checkSettled();
    }
  }

  @Override
  public void reset(long neighbour) {
    router.reset(neighbour);
    checkSettled();
  }

  @Override
  public void severed(long neighbour) {
    router.died(neighbour);
    checkSettled();
  }

  @Override
  public void died(long neighbour) {
    router.died(neighbour);
    checkSettled();
  }

  // ---- other machines ----

  /** Has services of other machines asked, and be asked by them, before this worker is up. */
  public void join(Cluster all) {
    router.cluster(all.machine());
    ClusterServices its = new ClusterServices(all, new Remote());
    cluster = its;
    all.join(its);
  }

  private final class Remote implements ClusterServices.Receiver {
    @Override
    public RemoteWorkers remote() {
      return remote;
    }

    @Override
    public void received(long worker, MeshMessage message) {
      remote.received(worker, message, nowMs());
      checkSettled();
    }

    @Override
    public void connected(boolean isUp) {
      router.connected(isUp);
      checkSettled();
    }

    @Override
    public void writable(long worker) {
      router.writable(worker);
      checkSettled();
    }
  }

  // ---- the worker ----

  /** This worker answers from now on. */
  public void open() {
    router.open();
  }

  /** This worker will end: others are to be asked. */
  public void leave() {
    router.leave();
  }

  /**
   * This worker has nothing to do any more but to answer: it is to be asked nothing from now on.
   *
   * @return whether nobody will ask it, and nobody waits for an answer of it
   */
  public boolean finish() {
    router.withdraw(nowMs());
    finishing = !router.isIdle();
    return !finishing;
  }

  /** Has this run once {@link #finish} may have another answer. */
  public void watch(Runnable whenSettled) {
    settled = whenSettled;
  }

  private void checkSettled() {
    if (finishing && router.isIdle()) {
      finishing = false;
      settled.run();
    }
  }

  /** Lets time pass, and shows watches what has changed. */
  public void tick() {
    router.tick(nowMs());
    remote.tick(nowMs());
    changedOffers.show(registry);
    checkSettled();
  }

  /** While there is who waits, timeouts are looked for more often. */
  private void tickSoon() {
    if (!scheduled && router.asking() > 0) {
      scheduled = true;
      var _ =
          loop.schedule(
              guard.apply(() -> {
                scheduled = false;
                tick();
                tickSoon();
              }),
              TICK_MS,
              TimeUnit.MILLISECONDS);
    }
  }

  /** Ends all asks. */
  public void close() {
    router.close();
  }

  /** Adds what has happened here to this worker's metrics. */
  public void register(int slot, MetricsRegistry to) {
    String its = Integer.toString(slot);
    List<String> labels = List.of(its);
    to.add(OwnMetrics.ASKS_UNDER_WAY, labels, () -> SeriesState.gauge(router::asking));
    to.add(OwnMetrics.QUESTIONS_ACCEPTED, labels, () -> SeriesState.gauge(router::answering));
    to.add(OwnMetrics.ASK_SECONDS, labels, () -> SeriesState.histogram(latencies));
    to.add(
        OwnMetrics.ASKS,
        List.of(its, "answered"),
        () -> SeriesState.counter(router.counters()::answered));
    for (Reason each : Reason.values()) {
      to.add(
          OwnMetrics.ASKS,
          List.of(its, each.name().toLowerCase(Locale.ROOT)),
          () -> SeriesState.counter(() -> router.counters().unanswered(each)));
    }
  }
}
