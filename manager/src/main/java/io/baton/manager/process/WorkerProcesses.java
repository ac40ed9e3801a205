package io.baton.manager.process;

import io.baton.credentials.ServerSecrets;
import io.baton.manager.certificate.ServerCertificates;
import io.baton.manager.fleet.Effect;
import io.baton.manager.fleet.Event;
import io.baton.pipe.DescriptorKind;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Neighbours;
import io.baton.pipe.Neighbour;
import io.baton.pipe.Pipe;
import io.baton.posix.Epoll;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.posix.MemFd;
import io.baton.posix.PosixException;
import io.baton.posix.Processes;
import io.baton.posix.SocketPair;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import jnr.constants.platform.Signal;

/**
 * All worker processes: starts them, carries messages to and from them, and sees them die. What it
 * learns it tells as {@link Event}s; it decides nothing.
 */
public final class WorkerProcesses {
  /** Packets read from one worker before the others get their turn. */
  private static final int RECEIVE_BATCH = 64;

  private final WorkerOutputFiles outputs;
  private final Epoll epoll;
  private final LongUnaryOperator pipeData;
  private final LongUnaryOperator pidData;
  private final EventQueue events;
  private final WorkerMessages messages;
  private final Frame frame = Pipe.newFrame();
  private final Map<Integer, Deployment> deployments = new HashMap<>();
  private final Map<Long, WorkerProcess> processes = new HashMap<>();

  /** Of all workers, whatever their generation. */
  private final ServerSecrets secrets;

  /** Workers on whom clients were placed that are not sent yet. */
  private final Set<Long> placedOn = new LinkedHashSet<>();

  /**
   * @param pipeData what epoll is to say of a worker's pipe
   * @param pidData what epoll is to say of a worker's end
   * @param secrets that all workers are sent
   * @param owner of connections that workers give; becomes it before the event that tells of one
   */
  public WorkerProcesses(
      WorkerOutputFiles outputs,
      Epoll epoll,
      LongUnaryOperator pipeData,
      LongUnaryOperator pidData,
      EventQueue events,
      ServerSecrets secrets,
      HandoffOwner owner) {
    this.outputs = outputs;
    this.epoll = epoll;
    this.pipeData = pipeData;
    this.pidData = pidData;
    this.events = events;
    this.secrets = secrets;
    this.messages = new WorkerMessages(events, owner);
  }

  /** From now on workers of this generation can be started. */
  public void deploy(Deployment deployment) {
    deployments.put(deployment.generation().number(), deployment);
  }

  /** No worker of this generation will be started any more, and none is left. */
  public void forget(int generation) {
    Deployment deployment = deployments.remove(generation);
    if (deployment != null) {
      deployment.discard();
    }
  }

  /** The modules that workers of this generation run. */
  public List<ModuleVersion> modules(int generation) {
    Deployment deployment = deployments.get(generation);
    return deployment == null ? List.of() : deployment.files().versions();
  }

  /** The certificates that clients of this generation are shown. */
  public ServerCertificates certificates(int generation) {
    Deployment deployment = deployments.get(generation);
    return deployment == null ? ServerCertificates.NONE : deployment.certificates();
  }

  public void spawn(Effect.Spawn effect) {
    Deployment deployment = deployments.get(effect.generation());
    if (deployment == null) {
      throw new IllegalStateException("generation " + effect.generation() + " is not deployed");
    }
    if (!deployment.files().areThere()) {
      deployment.restore();
      events.add(
          new Event.SpawnFailed(
              effect.worker(), "its jars have vanished from run-dir and are written again"));
      return;
    }
    try {
      WorkerProcess process = start(effect.worker(), effect.slot(), deployment);
      processes.put(process.worker(), process);
      greet(process, effect, deployment);
      events.add(new Event.Spawned(effect.worker(), process.pid()));
    } catch (PosixException | UncheckedIOException e) {
      events.add(new Event.SpawnFailed(effect.worker(), "could not be started: " + e.getMessage()));
    }
  }

  private void greet(WorkerProcess process, Effect.Spawn effect, Deployment deployment)
      throws PosixException {
    Map<DescriptorKind, Fd> sent = new EnumMap<>(DescriptorKind.class);
    sent.putAll(deployment.sent());
    Fd file = secretsNow();
    try {
      sent.put(DescriptorKind.SECRETS, file);
      Hello hello =
          new Hello(
              Message.VERSION,
              effect.worker(),
              effect.slot(),
              effect.generation(),
              List.copyOf(sent.keySet()));
      process.pipe().greet(hello, List.copyOf(sent.values()));
    } finally {
      file.release();
    }
  }

  /** As they are now: a worker need not know what they were. */
  private Fd secretsNow() throws PosixException {
    secrets.tickets().advance(System.currentTimeMillis());
    byte[] encoded = secrets.encode();
    try {
      return MemFd.sealed("baton-secrets", encoded);
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  private WorkerProcess start(long worker, int slot, Deployment deployment) throws PosixException {
    Path output = outputs.take(slot);
    try {
      SocketPair pair = SocketPair.open();
      int pid = 0;
      Fd pidfd = null;
      try {
        pid = deployment.launcher().start(slot, pair.theirs(), output);
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
      Pipe theirs = new Pipe(pair.theirs(), frame);
      WorkerPipe pipe =
          new WorkerPipe(deployment.generation(), deployment.places()::locate, ours, theirs);
      Neighbour name = new Neighbour(worker, slot, deployment.generation().number());
      return new WorkerProcess(name, pid, pidfd, pipe, output);
    } catch (PosixException | RuntimeException e) {
      outputs.free(output);
      throw e;
    }
  }

  /** Makes the links of a worker that has joined, and keeps no end of any. */
  public void introduce(Effect.Introduce effect) throws PosixException {
    WorkerProcess newcomer = processes.get(effect.worker());
    if (newcomer == null) {
      return;
    }
    List<WorkerProcess> neighbours =
        effect.neighbours().stream().map(processes::get).filter(Objects::nonNull).toList();
    try {
      int from = 0;
      do {
        int to = Math.min(from + Message.MAX_NEIGHBOURS, neighbours.size());
        link(newcomer, neighbours.subList(from, to), to == neighbours.size());
        from = to;
      } while (from < neighbours.size());
    } catch (PosixException e) {
      events.add(new Event.NotIntroduced(effect.worker(), String.valueOf(e.getMessage())));
    }
  }

  /**
   * Links a worker to some others.
   *
   * @param complete whether these are the last
   */
  private void link(WorkerProcess newcomer, List<WorkerProcess> neighbours, boolean complete)
      throws PosixException {
    List<Fd> ends = new ArrayList<>();
    try {
      for (WorkerProcess each : neighbours) {
        SocketPair link = SocketPair.open();
        ends.add(link.ours());
        each.pipe()
            .introduce(new Neighbours(List.of(newcomer.name()), true), List.of(link.theirs()));
        watch(each);
      }
    } catch (PosixException e) {
      ends.forEach(Fd::release);
      throw e;
    }
    List<Neighbour> names = neighbours.stream().map(WorkerProcess::name).toList();
    newcomer.pipe().introduce(new Neighbours(names, complete), ends);
    watch(newcomer);
  }

  public void tell(long worker, Message message) throws PosixException {
    WorkerProcess process = processes.get(worker);
    if (process != null) {
      process.pipe().tell(message);
      watch(process);
    }
  }

  /**
   * Sends a client: with others that are placed in a row, at {@link #sendPlaced}. If the pipe is
   * full or the worker gone, {@link Event.Blocked} tells, and it was not sent.
   *
   * @param handoff with the listener's number
   * @param descriptors the client's and, if its state comes aside, the state's
   */
  public void place(long worker, Handoff handoff, List<Fd> descriptors) {
    WorkerProcess process = processes.get(worker);
    if (process == null || process.pipe().isBlocked()) {
      events.add(new Event.Blocked(worker, handoff.id()));
      return;
    }
    blocked(worker, process.pipe().place(handoff, descriptors));
    placedOn.add(worker);
  }

  /** Sends all that was placed; to be called before anything else is done. */
  public void sendPlaced() {
    for (long worker : placedOn) {
      WorkerProcess process = processes.get(worker);
      if (process != null) {
        blocked(worker, process.pipe().sendPlaced());
      }
    }
    placedOn.clear();
  }

  private void blocked(long worker, List<Long> handoffs) {
    handoffs.forEach(handoff -> events.add(new Event.Blocked(worker, handoff)));
  }

  /** Takes back all that the worker has not received. */
  public void recall(long worker) throws PosixException {
    WorkerProcess process = processes.get(worker);
    if (process != null) {
      for (long handoff : process.pipe().recall()) {
        events.add(new Event.Recalled(worker, handoff));
      }
      watch(process);
    }
  }

  public void kill(long worker, Effect.How how) {
    WorkerProcess process = processes.get(worker);
    if (process != null) {
      Processes.kill(process.pid(), how.signal());
    }
  }

  /** Sends a signal to all of them. */
  public void signalAll(Signal signal) {
    processes.values().forEach(process -> Processes.kill(process.pid(), signal));
  }

  /** The worker's pipe is ready for one or the other. */
  public void pipeReady(long worker, int ready) throws PosixException {
    WorkerProcess process = processes.get(worker);
    if (process == null) {
      return;
    }
    if ((ready & Epoll.OUT) != 0) {
      process.pipe().flush();
      watch(process);
    }
    if ((ready & Epoll.IN) != 0) {
      messages.receive(process, RECEIVE_BATCH);
    }
  }

  private void watch(WorkerProcess process) throws PosixException {
    int interest = process.pipe().isBlocked() ? Epoll.IN | Epoll.OUT : Epoll.IN;
    epoll.modify(process.pipe().fd(), interest, pipeData.applyAsLong(process.worker()));
  }

  /** The worker's process has ended: receives its last messages, then tells of its death. */
  public void ended(long worker) throws PosixException {
    WorkerProcess process = processes.get(worker);
    if (process == null) {
      return;
    }
    Processes.Exit exit = Processes.reap(process.pid());
    if (exit == null) {
      return;
    }
    // Closing its end lets ours come to its end; what it had not received is still ours anyway.
    process.pipe().closeTheirs();
    messages.receive(process, Integer.MAX_VALUE);
    epoll.remove(process.pipe().fd());
    epoll.remove(process.pidfd());
    process.pipe().close();
    process.pidfd().release();
    processes.remove(worker);
    events.add(
        new Event.Died(worker, exit.isSuccess(), exit.toString(), outputs.free(process.output())));
  }
}
