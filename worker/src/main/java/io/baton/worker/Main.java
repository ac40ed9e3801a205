package io.baton.worker;

import io.baton.codec.Codec;
import io.baton.config.ClusterSettings;
import io.baton.config.Configuration;
import io.baton.config.Settings;
import io.baton.config.SettingsReader;
import io.baton.config.WorkerSettings;
import io.baton.credentials.Credentials;
import io.baton.credentials.ServerSecrets;
import io.baton.pipe.DescriptorKind;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message.Failed;
import io.baton.pipe.Message.Hello;
import io.baton.pipe.Message.Joined;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.pipe.Pipe.Received;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.worker.accesslog.AccessLogs;
import io.baton.worker.broker.Cluster;
import io.baton.worker.codec.frame.FrameCodec;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.delivery.LatePublisher;
import io.baton.worker.delivery.ServiceRegistry;
import io.baton.worker.elsewhere.ClusterKeys;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionKeys;
import io.baton.worker.spool.Spool;
import io.baton.worker.tls.TlsConnections;
import io.baton.worker.topics.RemotePublications;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's process, started by the manager with the pipe as descriptor 3: Hello, configuration,
 * modules, Ready; then it runs until it is drained.
 *
 * <p>Exit code 0: drained. 1: could not come up (the manager is told why, in one line, if there is
 * one), or could not go on; the stack trace is in the log.
 */
public final class Main {
  private static final int PIPE = 3;

  /** Modules get this long to stop even when the drain took all of its time. */
  private static final long LEAST_STOP_MS = 1_000;

  /** Mistakes that the manager is told. */
  private static final int MAX_MISTAKES = 20;

  private static final int DRAINED = 0;
  private static final int FAILED = 1;

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  public static void main(String[] args) {
    Signals signals = Signals.handle(() -> System.exit(FAILED));
    ExitWatch.begin();
    Pipe pipe = new Pipe(Fd.owning(PIPE), Pipe.newFrame());
    int code = FAILED;
    try {
      code = run(pipe, signals);
    } catch (BootException e) {
      LOG.error("this worker cannot come up: {}", e.line(), e);
      tell(pipe, e.lines());
    } catch (Throwable t) {
      LOG.error("this worker ends", t);
    }
    System.exit(code);
  }

  /** Tells the manager, which has more to do than to read a long list. */
  private static void tell(Pipe pipe, List<String> mistakes) {
    mistakes.stream().limit(MAX_MISTAKES).forEach(line -> pipe.send(new Failed(line), null));
    if (mistakes.size() > MAX_MISTAKES) {
      pipe.send(new Failed("and %d more".formatted(mistakes.size() - MAX_MISTAKES)), null);
    }
  }

  private static int run(Pipe pipe, Signals signals)
      throws BootException, InterruptedException, ExecutionException {
    Up up = comeUp(pipe, signals);
    return switch (up.worker.awaitEnd()) {
      case CONFUSED -> FAILED;
      case DRAINED -> {
        haltAfter(Math.max(up.worker.restMs(), LEAST_STOP_MS));
        up.modules.stop();
        up.worker.lastReport();
        up.worker.close();
        LOG.info("drained");
        yield DRAINED;
      }
    };
  }

  /** What has come up. */
  private record Up(Worker worker, Modules modules) {}

  private static Up comeUp(Pipe pipe, Signals signals) throws BootException {
    try {
      Start start = hello(pipe);
      Settings settings = start.settings;
      LatePublisher publisher = new LatePublisher();
      ServiceRegistry services = new ServiceRegistry();
      Modules modules =
          Modules.start(modulesDir(settings), settings.modules().blocks(), publisher, services);
      Worker worker = boot(start, modules, services, pipe, signals);
      publisher.begin(worker.topics());
      return new Up(worker, modules);
    } catch (RuntimeException | Error e) {
      throw new BootException("coming up", e);
    }
  }

  /** Where the manager has pinned this generation's modules; the configured one without it. */
  private static Path modulesDir(Settings settings) {
    return Path.of(System.getProperty("baton.modules", settings.modules().directory().toString()));
  }

  /** What the manager sends first. */
  private record Start(
      long number, int slot, Settings settings, Credentials credentials, ServerSecrets secrets) {}

  /** Receives the first packet and reads the configuration that came with it. */
  private static Start hello(Pipe pipe) throws BootException {
    try {
      Received first = pipe.receiveWaiting();
      if (!(first instanceof Packet packet)) {
        throw new BootException(
            "no manager is at the other end of descriptor 3: only the manager starts workers");
      }
      try {
        if (packet.messages().size() != 1
            || !(packet.messages().getFirst() instanceof Hello hello)) {
          throw new BootException("the manager did not begin with Hello: " + packet.messages());
        }
        Fd configuration = descriptor(DescriptorKind.CONFIG, hello, packet.descriptors());
        if (configuration == null) {
          throw new BootException(
              "the manager's Hello came without a descriptor of kind " + DescriptorKind.CONFIG);
        }
        Fd credentials = descriptor(DescriptorKind.CREDENTIALS, hello, packet.descriptors());
        Fd secrets = descriptor(DescriptorKind.SECRETS, hello, packet.descriptors());
        return new Start(
            hello.worker(),
            hello.slot(),
            settings(hello, configuration),
            credentials(credentials),
            secrets(secrets));
      } finally {
        packet.releaseDescriptors();
      }
    } catch (MalformedMessageException e) {
      throw new BootException("receiving the manager's Hello", e);
    }
  }

  /** Returns the one of Hello's descriptors that is of this kind; null if none is. */
  private static @Nullable Fd descriptor(DescriptorKind kind, Hello hello, List<Fd> descriptors)
      throws BootException {
    int announced = hello.descriptors().size();
    if (descriptors.size() != announced) {
      throw new BootException(
          "the manager's Hello announces %d descriptors, but %d came with it"
              .formatted(announced, descriptors.size()));
    }
    int index = hello.descriptors().indexOf(kind);
    return index < 0 ? null : descriptors.get(index);
  }

  private static Credentials credentials(@Nullable Fd from) throws BootException {
    Credentials its =
        secret(from, Credentials.MAX_BYTES, Credentials::decode, "certificates and keys");
    return its == null ? Credentials.NONE : its;
  }

  private static ServerSecrets secrets(@Nullable Fd from) throws BootException {
    ServerSecrets its = secret(from, ServerSecrets.BYTES, ServerSecrets::decode, "secrets");
    if (its == null) {
      throw new BootException(
          "the manager's Hello came without a descriptor of kind " + DescriptorKind.SECRETS);
    }
    return its;
  }

  private static <T> @Nullable T secret(
      @Nullable Fd from, int maxBytes, Function<byte[], T> decoder, String what)
      throws BootException {
    if (from == null) {
      return null;
    }
    try {
      byte[] encoded = MemFd.read(from, maxBytes);
      try {
        return decoder.apply(encoded);
      } finally {
        Arrays.fill(encoded, (byte) 0);
      }
    } catch (IOException | RuntimeException e) {
      throw new BootException("reading " + what, e);
    }
  }

  private static Settings settings(Hello hello, Fd configuration) throws BootException {
    String home = System.getProperty("baton.home");
    if (home == null) {
      throw new BootException("the system property baton.home is not set");
    }
    LOG.info(
        "worker {} in slot {} of generation {}", hello.worker(), hello.slot(), hello.generation());
    try {
      String concluded =
          new String(MemFd.read(configuration, Configuration.MAX_BYTES), StandardCharsets.UTF_8);
      return SettingsReader.parse(concluded, Path.of(home));
    } catch (Exception e) {
      throw new BootException("reading the configuration", e);
    }
  }

  private static Worker boot(
      Start start, Modules modules, ServiceRegistry services, Pipe pipe, Signals signals)
      throws BootException {
    Settings settings = start.settings;
    Spool spool = Spool.open(settings.worker().spool());
    HandshakeCounters counters = new HandshakeCounters();
    AccessLogs logs = accessLogs(start, signals);
    Map<String, Codec<?, ?>> own =
        Map.of(
            "raw",
            new RawCodec(),
            "http",
            new HttpCodec(settings.codecs().http(), InstantSource.system(), spool),
            "line",
            new LineCodec(settings.codecs().line().maxLength()),
            "frame",
            new FrameCodec(settings.codecs().frame().maxLength()));
    Map<String, Codec<?, ?>> codecs = modules.codecs(own);
    List<Route<?, ?>> routes =
        Routes.resolve(
            settings.listeners(),
            settings.codecs(),
            codecs,
            modules.offers(),
            spool,
            counters,
            new Guarding(modules.authenticators(), counters.authentications()),
            start.credentials,
            logs);
    probe(spool, settings.worker().spool());
    if (modules.useMesh()) {
      checkWorkers(settings.workers());
    }
    try {
      if (settings.worker().start().rehearse()) {
        Rehearsal.play(
            settings, settings.listeners().stream().anyMatch(each -> each.options().tls().isOn()));
      }
      Worker worker =
          new Worker(
              settings,
              routes,
              held ->
                  TlsConnections.of(
                      settings.listeners(), start.credentials, start.secrets.tickets(), held),
              spool,
              counters,
              new SessionKeys(start.slot, sessionKeys(start)),
              modules.metrics(),
              start.number,
              start.slot,
              pipe,
              signals::orphaned);
      worker.accessLogs(logs);
      worker.services().begin(services);
      if (settings.cluster().isOn() && (modules.useMesh() || resumesElsewhere(settings))) {
        cluster(worker, start, modules.useMesh());
      }
      if (modules.useMesh()) {
        worker.join();
      }
      worker.start();
      return worker;
    } catch (SSLException e) {
      throw new BootException("starting TLS", e);
    } catch (Exception e) {
      throw new BootException("starting the event loop", e);
    }
  }

  /** Whether sessions may wait for clients that come back to another machine. */
  private static boolean resumesElsewhere(Settings settings) {
    return !settings.cluster().secrets().isEmpty()
        && settings.listeners().stream()
            .anyMatch(each -> each.options().session().awaits().forMs() > 0);
  }

  /**
   * Returns the secrets of session keys: the cluster's, so that its other machines know them, and
   * the server's own, with which they were made before there was a cluster.
   */
  private static List<byte[]> sessionKeys(Start start) {
    ClusterSettings cluster = start.settings.cluster();
    List<byte[]> all = new ArrayList<>();
    if (cluster.isOn()) {
      cluster
          .secrets()
          .forEach(
              each -> all.add(ClusterKeys.derive(start.credentials.token(each), cluster.name())));
    }
    all.add(start.secrets.sessionKeys());
    return all;
  }

  private static void cluster(Worker worker, Start start, boolean withMesh)
      throws GeneralSecurityException, IOException, InterruptedException, ExecutionException {
    ClusterSettings cluster = start.settings.cluster();
    if (cluster.secrets().isEmpty()) {
      LOG.warn(
          "cluster.secret is not set: everybody who may publish at the broker can publish to every"
              + " topic and ask every service, and sessions do not go on at other machines");
    }
    String version = Main.class.getPackage().getImplementationVersion();
    Cluster.Identity identity =
        new Cluster.Identity(
            cluster.name(),
            cluster.secrets().stream().map(start.credentials::token).toList(),
            Long.parseUnsignedLong(System.getProperty("baton.machine", "0"), 16),
            RemotePublications.number(new SecureRandom().nextLong()),
            "%s %s"
                .formatted(start.settings.server().name(), version == null ? "" : version)
                .strip());
    worker.cluster(identity, cluster, start.credentials, withMesh);
  }

  private static void checkWorkers(int workers) throws BootException {
    if (workers > Joined.MAX_WORKERS) {
      throw new BootException(
          "a module uses topics or services, for which each worker has a link to every other one:"
              + " workers may be at most %d, not %d; use several servers for more"
                  .formatted(Joined.MAX_WORKERS, workers));
    }
  }

  /** Opens the logs, which are closed with the process, whatever ends it in order. */
  private static AccessLogs accessLogs(Start start, Signals signals) {
    Settings settings = start.settings;
    AccessLogs logs = AccessLogs.open(settings.listeners(), settings.server().logDir(), start.slot);
    signals.reopens(logs::reopen);
    Runtime.getRuntime().addShutdownHook(new Thread(logs::close, "access-log-close"));
    return logs;
  }

  private static void probe(Spool spool, WorkerSettings.Spool settings) throws BootException {
    try {
      spool.probe();
    } catch (IOException e) {
      throw new BootException(
          "worker.spool-dir: no file can be made in %s, in which bodies too large for memory are to"
                  .formatted(settings.directory())
              + " be kept; another directory is allowed, or max-spooled = off",
          e);
    }
  }

  /** What modules do at their end may block; the drain's end stands all the same. */
  private static void haltAfter(long ms) {
    Thread.ofPlatform()
        .daemon()
        .name("deadline")
        .start(() -> {
          try {
            Thread.sleep(ms);
          } catch (InterruptedException _) {
            return; // nobody does that; and then the exit is near
          }
          LOG.warn("the drain's time is up and a module still stops: halting");
          Runtime.getRuntime().halt(DRAINED);
        });
  }
}
