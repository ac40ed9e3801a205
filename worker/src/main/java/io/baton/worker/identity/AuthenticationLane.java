package io.baton.worker.identity;

import io.baton.service.AuthenticationRequest;
import io.baton.service.Authenticator;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one authenticator: each on a thread of its own, {@link Authenticator#MAX_RUNNING} of
 * them at a time, and {@link Authenticator#MAX_WAITING} more wait for their turn. A call whose time
 * is up, or whose client has gone, is interrupted; it counts as running until it returns, so that
 * an authenticator that never does is not called without a bound.
 *
 * <pre>
 *   submit ──► waiting ──► running ──► told what it decided
 *                 └── deadline, cancel ──┴──► told so, or not told; a thread is interrupted
 * </pre>
 *
 * <p>Event loop only, except for the calls themselves.
 */
public final class AuthenticationLane {

  /** Begins threads. */
  @FunctionalInterface
  public interface Starter {
    /** Runs the task in a thread of its own. */
    Thread start(Runnable task);
  }

  private final String name;
  private final Authenticator authenticator;
  private final Starter starter;
  private final AuthenticationCounters counters;
  private final Deque<Call> waiting = new ArrayDeque<>();
  private final AuthenticationComplaints complaints;
  private int running;

  /**
   * @param name of the authenticator
   * @param nanos a monotonic clock
   */
  public AuthenticationLane(
      String name,
      Authenticator authenticator,
      Starter starter,
      AuthenticationCounters counters,
      LongSupplier nanos) {
    this.complaints = new AuthenticationComplaints(nanos);
    this.name = name;
    this.authenticator = authenticator;
    this.starter = starter;
    this.counters = counters;
  }

  /** Begins virtual threads of a module. */
  public static Starter virtualThreads(String name, ClassLoader loader) {
    return task -> {
      Thread thread = Thread.ofVirtual().name("authenticator-" + name).unstarted(task);
      thread.setContextClassLoader(loader);
      thread.start();
      return thread;
    };
  }

  /** Returns the authenticator's name. */
  public String name() {
    return name;
  }

  /**
   * Asks the authenticator.
   *
   * @param timeoutMs after which it has not answered, the time in the queue included
   * @param told once, on this event loop, after this has returned, unless the call is cancelled
   *     before
   */
  public Call submit(
      AuthenticationRequest request, long timeoutMs, EventExecutor loop, Consumer<Verdict> told) {
    Call call = new Call(request, loop, told);
    if (running < Authenticator.MAX_RUNNING) {
      call.start();
    } else if (waiting.size() < Authenticator.MAX_WAITING) {
      waiting.add(call);
    } else {
      call.refuse();
      return call;
    }
    counters.begin();
    call.expireAfter(timeoutMs);
    return call;
  }

  private void ended() {
    running--;
    Call next = waiting.poll();
    if (next != null) {
      next.start();
    }
  }

  /** One client's question. */
  public final class Call {
    private final AuthenticationRequest request;
    private final EventExecutor loop;
    private @Nullable Consumer<Verdict> told;
    private @Nullable Thread thread;
    private @Nullable Future<?> deadline;

    private Call(AuthenticationRequest request, EventExecutor loop, Consumer<Verdict> told) {
      this.request = request;
      this.loop = loop;
      this.told = told;
    }

    private void expireAfter(long ms) {
      if (told != null) {
        deadline = loop.schedule(this::expire, ms, TimeUnit.MILLISECONDS);
      }
    }

    private void start() {
      running++;
      thread = starter.start(this::run);
    }

    /** In its own thread. */
    private void run() {
      Verdict verdict;
      try {
        verdict =
            new Verdict.Decided(
                Objects.requireNonNull(
                    authenticator.authenticate(request), "authenticate() returned null"));
      } catch (Throwable t) {
        verdict = new Verdict.Failed(new AuthenticatorFailedException(name, t));
      }
      Verdict result = verdict;
      try {
        loop.execute(() -> {
          thread = null;
          ended();
          tell(result);
        });
      } catch (RejectedExecutionException _) {
        // The worker has ended meanwhile, and the client's connection with it.
      }
    }

    private void expire() {
      complaints.timedOut(name);
      stop();
      tell(new Verdict.TimedOut());
    }

    private void refuse() {
      counters.begin();
      complaints.overloaded(name);
      loop.execute(() -> tell(new Verdict.Overloaded()));
    }

    /** Nobody wants to know any more. */
    public void cancel() {
      if (told != null) {
        told = null;
        counters.cancelled();
        stop();
      }
    }

    private void stop() {
      if (deadline != null) {
        deadline.cancel(false);
      }
      Thread at = thread;
      if (at == null) {
        waiting.remove(this);
      } else {
        at.interrupt();
      }
    }

    private void tell(Verdict verdict) {
      Consumer<Verdict> to = told;
      if (to == null) {
        return; // it was too late
      }
      told = null;
      if (deadline != null) {
        deadline.cancel(false);
      }
      counters.end(verdict);
      to.accept(verdict);
    }
  }
}
