package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * SIGTERM under load. No request that was accepted is lost, where accepted means: its client's
 * connect() succeeded, and
 *
 * <ul>
 *   <li>it is the first one on its connection, or
 *   <li>it follows an answer without {@code Connection: close}, before the server may have closed
 *       the connection as idle. That moment HTTP leaves to the server (RFC 9112, 9.3.1); here a
 *       connection counts as idle when its client, starved of processor time, has paused for half
 *       of the worker's grace.
 * </ul>
 *
 * <p>A client whose connect() fails was not accepted.
 */
class GracefulStopIT {
  private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(250);

  @RegisterExtension final Servers servers = Servers.perTest();

  private final AtomicLong answers = new AtomicLong();
  private final Queue<Exception> lost = new ConcurrentLinkedQueue<>();

  @Test
  void noRequestThatWasAcceptedIsLost() throws Exception {
    TestServer server = servers.create();
    Process process = server.startInForeground();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clients.add(Thread.ofPlatform().start(() -> whileServed(() -> talk(server, 1_000_000))));
      clients.add(Thread.ofPlatform().start(() -> whileServed(() -> talk(server, 1))));
    }
    Wait.until("some answers", () -> answers.get() > 1_000);
    for (long pid : server.processes()) { // as systemd does with those of a unit
      Procs.signal("TERM", pid);
    }
    assertThat(process.waitFor()).isZero();
    for (Thread client : clients) {
      client.join();
    }
    assertThat(lost).as("of %d requests", answers.get()).isEmpty();
    server.assertNothingIsLeft();
  }

  @Test
  void clientsThatNoWorkerHasTakenYetAreServedBeforeTheEnd() throws Exception {
    TestServer server =
        servers
            .create()
            .configure("workers", 1)
            .configure("fleet.hang-timeout", "off")
            .configure("fleet.max-unacked", 4); // most clients wait in the kernel
    Process process = server.startInForeground();
    Status status = server.status();
    for (Status.Worker worker : status.workers()) {
      Procs.stop(worker.pid());
    }
    List<Client> waiting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Client client = server.web();
      client.sendGet("/hello");
      waiting.add(client);
    }
    server.await("no room", s -> s.listener("web").state().equals("waiting"));
    assertThat(server.status().total("accepted")).isLessThan(waiting.size());
    Procs.signal("TERM", status.pid());
    Wait.until("its door is shut", () -> !accepts(server));
    for (Status.Worker worker : status.workers()) {
      Procs.signal("CONT", worker.pid());
    }
    for (Client client : waiting) {
      try (client) {
        assertThat(client.answer().body()).isEqualTo("Hello, World!");
      }
    }
    assertThat(process.waitFor()).isZero();
    server.assertNothingIsLeft();
  }

  @Test
  void whatIsStillOpenAtTheDrainTimeoutIsClosed() throws Exception {
    TestServer server =
        servers.create().configure("workers", 1).configure("fleet.drain-timeout", "2s").start();
    List<Client> guests = server.guests(4); // raw bytes have no end of their own
    server.stop();
    // Not one moment later:
    assertThat(server.processes()).isEmpty();
    for (Client guest : guests) {
      assertThat(guest.isEnded()).isTrue();
      guest.close();
    }
  }

  @Test
  void aStopThatTakesTooLongCanBeHurried() throws Exception {
    TestServer server =
        servers.create().configure("workers", 1).configure("fleet.drain-timeout", "1h").start();
    List<Client> guests = server.guests(4); // raw bytes have no end of their own
    CompletableFuture<Void> patient =
        CompletableFuture.runAsync(() -> {
          try {
            server.stop();
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    server.await("it is stopping", s -> s.state().equals("stopping"));
    server.stop("--now");
    patient.join();
    server.assertNothingIsLeft();
    for (Client guest : guests) {
      assertThat(guest.isEnded()).isTrue();
      guest.close();
    }
  }

  @Test
  void aWorkerThatDoesNotDrainIsKilledAtTheDrainTimeout() throws Exception {
    TestServer server =
        servers
            .create()
            .configure("fleet.drain-timeout", "3s")
            .configure("fleet.hang-timeout", "off");
    Process process = server.startInForeground();
    List<Client> guests = server.guests(4);
    Status status = server.status();
    Procs.stop(status.worker(0).pid());
    Procs.signal("TERM", status.pid());
    assertThat(process.waitFor()).isZero();
    server.assertNothingIsLeft();
    for (Client guest : guests) {
      assertThat(guest.isEnded()).isTrue();
      guest.close();
    }
  }

  @Test
  void stopNowWaitsForNobody() throws Exception {
    TestServer server =
        servers.create().configure("workers", 1).configure("fleet.drain-timeout", "1h").start();
    List<Client> guests = server.guests(4);
    server.stop("--now");
    assertThat(server.processes()).isEmpty();
    for (Client guest : guests) {
      assertThat(guest.isEnded()).isTrue();
      guest.close();
    }
  }

  private interface Session {
    /** Returns false when the server takes no more clients. */
    boolean run();
  }

  private static void whileServed(Session session) {
    while (session.run()) {}
  }

  /** One connection with so many requests at most. */
  private boolean talk(TestServer server, int requests) {
    try (Client client = server.web()) {
      long last = 0;
      for (int i = 0; i < requests; i++) {
        long before = i == 0 ? System.nanoTime() : last;
        last = System.nanoTime();
        try {
          if (client.get("/hello").closes()) {
            break;
          }
          answers.incrementAndGet();
        } catch (IOException e) {
          // The server may have been waiting for us since some time after the last request.
          boolean idle = i > 0 && System.nanoTime() - before > IDLE_NS;
          if (!idle) {
            lost.add(new IOException("request " + i + " of a connection", e));
          }
          break;
        }
      }
      return true;
    } catch (ConnectException _) {
      return false;
    } catch (IOException e) {
      lost.add(e);
      return false;
    }
  }

  private static boolean accepts(TestServer server) {
    try (Client client = server.echo()) {
      return client != null;
    } catch (IOException _) {
      return false;
    }
  }
}
