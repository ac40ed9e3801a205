package io.baton.manager.process;

import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.credentials.InstanceSecret;
import io.baton.credentials.ServerSecrets;
import io.baton.manager.fleet.Generation;
import io.baton.manager.fleet.JvmOutput;
import io.baton.pipe.DescriptorKind;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Drain;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Joined;
import io.baton.pipe.Message.Neighbours;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.posix.Epoll;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.posix.Processes;
import io.baton.posix.SocketPair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A worker that starts like any other, with the modules of the configuration, serves nobody and
 * ends. It shows what only running code can: whether modules start, and whether they have what
 * listeners and routes name.
 *
 * <pre>
 *   STARTING ──Ready──► ENDING ──► ended
 *      └──Failed, its end, start-timeout──► ended
 * </pre>
 *
 * <p>It has a directory of its own and shares nothing with a server that runs meanwhile. Blocks its
 * thread until the process has ended.
 */
public final class TrialWorker {
  /** How long modules may take to stop. */
  private static final int STOP_MS = 5_000;

  private static final int PIPE = 0;
  private static final int PROCESS = 1;

  private final Configuration configuration;
  private final Deployment deployment;
  private final Path output;
  private final List<String> mistakes = new ArrayList<>();
  private boolean ready;

  private TrialWorker(Configuration configuration, Deployment deployment) {
    this.configuration = configuration;
    this.deployment = deployment;
    this.output = settings().server().runDir().resolve("output");
  }

  /**
   * Starts one and waits for its end.
   *
   * @param configuration whose run-dir and log-dir are a directory that the caller has made for it,
   *     and removes afterwards
   * @return what it says is wrong; empty if it was ready
   */
  public static List<String> mistakes(Configuration configuration, Path home) throws IOException {
    Settings settings = configuration.settings();
    Generation generation = Generation.first(settings);
    GenerationFiles files =
        GenerationFiles.pin(
            settings.server().runDir(),
            generation.number(),
            home.resolve("lib/worker"),
            settings.modules().directory());
    try {
      Launcher launcher = new Launcher(settings, home, files, true);
      Deployment deployment = Deployment.of(generation, configuration, launcher, files);
      try {
        TrialWorker worker = new TrialWorker(configuration, deployment);
        worker.run();
        return worker.mistakes;
      } finally {
        deployment.release();
      }
    } finally {
      files.remove();
    }
  }

  private Settings settings() {
    return configuration.settings();
  }

  private void run() throws IOException {
    SocketPair pair = SocketPair.open();
    int pid = 0;
    try (Pipe pipe = new Pipe(pair.ours(), Pipe.newFrame());
        Epoll epoll = new Epoll(2)) {
      try (Fd theirs = pair.theirs()) {
        pid = deployment.launcher().start(0, theirs, output);
      }
      try (Fd process = Processes.pidfd(pid)) {
        greet(pipe);
        epoll.add(pair.ours(), Epoll.IN, PIPE);
        epoll.add(process, Epoll.IN, PROCESS);
        if (await(pipe, epoll, settings().fleet().supervision().startTimeoutMs())) {
          pipe.send(new Drain(STOP_MS), null);
          await(pipe, epoll, 2 * STOP_MS);
        }
      }
    } finally {
      if (pid != 0) {
        end(pid);
      }
    }
  }

  private void greet(Pipe pipe) throws IOException {
    Map<DescriptorKind, Fd> sent = new EnumMap<>(DescriptorKind.class);
    sent.putAll(deployment.sent());
    Path runDir = settings().server().runDir();
    ServerSecrets secrets = ServerSecrets.of(InstanceSecret.in(runDir), System.currentTimeMillis());
    try (Fd file = MemFd.sealed("baton-secrets", secrets.encode())) {
      sent.put(DescriptorKind.SECRETS, file);
      Hello hello = new Hello(Message.VERSION, 1, 0, 1, List.copyOf(sent.keySet()));
      pipe.send(List.of(hello), List.copyOf(sent.values()));
    }
  }

  /**
   * Receives until the worker gets ready, if it was not, or has ended, or the time is over.
   *
   * @return whether it has become ready
   */
  private boolean await(Pipe pipe, Epoll epoll, long timeoutMs) throws IOException {
    boolean was = ready;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (true) {
      long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (leftMs <= 0) {
        if (!was) {
          mistakes.add(
              "the modules were not started within start-timeout, %d ms".formatted(timeoutMs));
        }
        return false;
      }
      boolean ended = false;
      for (int n = epoll.await((int) Math.min(leftMs, Integer.MAX_VALUE)) - 1; n >= 0; n--) {
        ended |= epoll.data(n) == PROCESS;
      }
      boolean over = !receive(pipe);
      if (ready && !was) {
        return true;
      }
      if (ended) {
        return false;
      }
      if (over) {
        epoll.remove(pipe.fd()); // what is left is its end
      }
    }
  }

  /** Receives all that has come; returns whether more can. */
  private boolean receive(Pipe pipe) throws IOException {
    try {
      while (true) {
        switch (pipe.receive()) {
          case Packet packet -> {
            packet.releaseDescriptors();
            packet.messages().forEach(message -> received(pipe, message));
          }
          case Pipe.Empty _ -> {
            return true;
          }
          case Pipe.End _ -> {
            return false;
          }
        }
      }
    } catch (MalformedMessageException e) {
      throw new IOException("the worker sent what is no message: " + e.getMessage(), e);
    }
  }

  private void received(Pipe pipe, Message message) {
    switch (message) {
      case Ready _ -> ready = true;
      case Failed m -> mistakes.add(configuration.places().locate(m.reason()));
      case Joined _ -> pipe.send(new Neighbours(List.of(), true), null);
      default -> {} // The rest is about clients and load.
    }
  }

  /** Ends the process, if it has not by itself; if it has said nothing before, its output may. */
  private void end(int pid) throws IOException {
    Processes.Exit how = Processes.reap(pid);
    if (how == null) {
      Processes.killAndReap(pid);
      return;
    }
    if (!ready && mistakes.isEmpty()) {
      String printed = Files.exists(output) ? Files.readString(output, StandardCharsets.UTF_8) : "";
      String why = JvmOutput.reason(printed, false);
      mistakes.add("a worker " + how + (why == null ? "" : ": " + why));
    }
  }

  /** Removes such a directory with all that is in it. */
  public static void remove(Path directory) {
    GenerationFiles.removeOrWarn(directory);
  }
}
