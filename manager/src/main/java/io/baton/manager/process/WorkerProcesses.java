package io.baton.manager.process;

import io.baton.manager.fleet.Effect;
import io.baton.manager.fleet.Event;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Ping;
import io.baton.pipe.Pipe;
import io.baton.posix.Epoll;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.posix.MemFd;
import io.baton.posix.PosixException;
import io.baton.posix.Processes;
import io.baton.posix.SocketPair;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/**
 * All worker processes: starts them, carries messages to and from them, and sees them die. What it
 * learns it tells as {@link Event}s; it decides nothing.
 */
public final class WorkerProcesses {
  /** Packets read from one worker before the others get their turn. */
  private static final int RECEIVE_BATCH = 64;

  private final Launcher launcher;
  private final Epoll epoll;
  private final LongUnaryOperator pipeData;
  private final LongUnaryOperator pidData;
  private final Consumer<Event> events;
  private final Frame frame = Pipe.newFrame();
  private final Fd configuration;
  private final Map<Long, WorkerProcess> processes = new HashMap<>();

  /**
   * @param configuration the concluded one, which each worker is sent
   * @param pipeData what epoll is to say of a worker's pipe
   * @param pidData what epoll is to say of a worker's end
   */
  public WorkerProcesses(
      Launcher launcher,
      byte[] configuration,
      Epoll epoll,
      LongUnaryOperator pipeData,
      LongUnaryOperator pidData,
      Consumer<Event> events)
      throws PosixException {
    this.launcher = launcher;
    this.epoll = epoll;
    this.pipeData = pipeData;
    this.pidData = pidData;
    this.events = events;
    this.configuration = MemFd.sealed("baton-configuration", configuration);
  }

  public void spawn(Effect.Spawn effect) {
    try {
      WorkerProcess process = start(effect.worker(), effect.slot());
      processes.put(process.worker(), process);
      Hello hello = new Hello(Message.VERSION, effect.worker(), effect.slot(), effect.generation());
      process.pipe().send(hello, configuration);
      events.accept(new Event.Spawned(effect.worker(), process.pid()));
    } catch (PosixException | UncheckedIOException e) {
      events.accept(
          new Event.SpawnFailed(effect.worker(), "could not be started: " + e.getMessage()));
    }
  }

  private WorkerProcess start(long worker, int slot) throws PosixException {
    SocketPair pair = SocketPair.open();
    int pid = 0;
    Fd pidfd = null;
    try {
      pid = launcher.start(slot, pair.theirs());
      pidfd = Processes.pidfd(pid);
      epoll.add(pidfd, Epoll.IN, pidData.applyAsLong(worker));
      epoll.add(pair.ours(), Epoll.IN, pipeData.applyAsLong(worker));
    } catch (PosixException | RuntimeException e) {
      pair.ours().release();
      pair.theirs().release();
      if (pidfd != null) {
        pidfd.release();
      }
      if (pid != 0) {
        Processes.killAndReap(pid);
      }
      throw e;
    }
    Pipe ours = new Pipe(pair.ours(), frame);
    return new WorkerProcess(worker, slot, pid, pidfd, ours, new Pipe(pair.theirs(), frame));
  }

  public void tell(long worker, Message message) throws PosixException {
    WorkerProcess process = processes.get(worker);
    if (process != null) {
      process.tell(message);
      watch(process);
    }
  }

  /**
   * Sends a client.
   *
   * @return false if the pipe is full or the worker gone; nothing was sent then
   */
  public boolean place(long worker, Handoff handoff, Fd client) {
    WorkerProcess process = processes.get(worker);
    return process != null
        && process.outbox().isEmpty()
        && process.pipe().send(handoff, client) == Pipe.Sent.YES;
  }

  /** Takes back all that the worker has not received. */
  public void recall(long worker) throws PosixException {
    WorkerProcess process = processes.get(worker);
    if (process == null) {
      return;
    }
    try {
      while (process.recall().receive() instanceof Pipe.Packet packet) {
        packet.releaseDescriptors(); // copies: the handoff's own never left us
        for (Message message : packet.messages()) {
          if (message instanceof Handoff handoff) {
            events.accept(new Event.Recalled(worker, handoff.id()));
          } else if (!(message instanceof Ping)) { // a ping is asked again
            process.outbox().addLast(message);
          }
        }
      }
      watch(process);
    } catch (MalformedMessageException e) {
      throw new IllegalStateException("we sent nonsense to worker " + worker, e);
    }
  }

  public void kill(long worker, Effect.How how) {
    WorkerProcess process = processes.get(worker);
    if (process != null) {
      Processes.kill(process.pid(), how.signal());
    }
  }

  /** The worker's pipe is ready for one or the other. */
  public void pipeReady(long worker, int ready) throws PosixException {
    WorkerProcess process = processes.get(worker);
    if (process == null) {
      return;
    }
    if ((ready & Epoll.OUT) != 0) {
      process.pipe().flush(process.outbox());
      watch(process);
    }
    if ((ready & Epoll.IN) != 0) {
      hear(process, RECEIVE_BATCH);
    }
  }

  private void watch(WorkerProcess process) throws PosixException {
    int interest = process.outbox().isEmpty() ? Epoll.IN : Epoll.IN | Epoll.OUT;
    epoll.modify(process.pipe().fd(), interest, pipeData.applyAsLong(process.worker()));
  }

  private void hear(WorkerProcess process, int max) {
    for (int n = 0; n < max; n++) {
      try {
        if (!(process.pipe().receive() instanceof Pipe.Packet packet)) {
          return;
        }
        if (!packet.descriptors().isEmpty()) {
          packet.releaseDescriptors();
          throw new MalformedMessageException("a descriptor, which only a manager sends");
        }
        for (Message message : packet.messages()) {
          events.accept(new Event.Said(process.worker(), message));
        }
      } catch (MalformedMessageException e) {
        events.accept(new Event.Garbled(process.worker(), String.valueOf(e.getMessage())));
        return; // what follows such a packet is no better
      }
    }
  }

  /** The worker's process has ended: hears its last words, then tells of its death. */
  public void ended(long worker) throws PosixException {
    WorkerProcess process = processes.get(worker);
    if (process == null) {
      return;
    }
    String how = Processes.reap(process.pid());
    if (how == null) {
      return;
    }
    // Closing its end lets ours come to its end; what it had not received is still ours anyway.
    process.recall().close();
    hear(process, Integer.MAX_VALUE);
    epoll.remove(process.pipe().fd());
    epoll.remove(process.pidfd());
    process.pipe().close();
    process.pidfd().release();
    processes.remove(worker);
    events.accept(new Event.Died(worker, how, launcher.lastWords(process.slot())));
  }
}
