package io.baton.bench;

import io.baton.testing.server.Command;
import io.baton.testing.server.Ports;
import io.baton.testing.server.ServerDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The programs that are not ours to run in this JVM: those of {@code bench/limit}, compiled when
 * needed, and the other servers. Closing it ends those that were started.
 */
final class Tools implements AutoCloseable {
  static final String NETTY = "plain Netty";
  static final String NGINX = "nginx";
  static final String GRPC = "gRPC";
  static final String NATS_SERVER = "nats-server";

  /** As a worker has it: gRPC has a copy of Netty with properties of its own. */
  private static final String GRPC_NO_LEAK_DETECTION =
      "-Dio.grpc.netty.shaded.io.netty.leakDetection.level=disabled";

  private static final Duration COMPILED = Duration.ofMinutes(1);
  private static final int READY_SECONDS = 30;
  private static final int POLL_MS = 50;

  /** What the kernel is asked for on behalf of the other servers. */
  enum Policy {
    /** Nothing but what they ask for by themselves. */
    USUAL,

    /**
     * What Baton asks for by itself: SCHED_BATCH, so that a process that wakes up does not
     * interrupt the one that runs; and HTTP clients are accepted with their first bytes, where a
     * server has an option for that, as nginx and Netty have.
     */
    BATCH;

    boolean defersAccept() {
      return this == BATCH;
    }

    /** The command, under it. As chrt execs what follows, the process is the server's own. */
    List<String> of(List<String> command) {
      return switch (this) {
        case USUAL -> command;
        case BATCH -> Stream.concat(Stream.of("chrt", "-b", "0"), command.stream()).toList();
      };
    }
  }

  private final Path home;
  private final Policy policy;
  private final Path bench;
  private final Path directory;
  private final List<Process> started = new ArrayList<>();
  private boolean closed;

  Tools(Path home) throws IOException, InterruptedException {
    this(home, Policy.USUAL);
  }

  Tools(Path home, Policy policy) throws IOException, InterruptedException {
    this.home = home;
    this.policy = policy;
    bench = home.resolve("bench");
    directory = Files.createTempDirectory("baton-bench-peers");
    compile("server");
    compile("load");
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  private void compile(String name) throws IOException, InterruptedException {
    Path source = bench.resolve("limit/" + name + ".c");
    try {
      Command.run(List.of("cc", "-O2", "-o", program(name), source.toString()), COMPILED)
          .orThrow("cc " + source);
    } catch (IOException e) {
      throw new BenchException("needs a C compiler, cc: " + e.getMessage(), e);
    }
  }

  private String program(String name) {
    return directory.resolve(name).toString();
  }

  Path bench() {
    return bench;
  }

  /** The command line of the generator. */
  List<String> load(Object... arguments) {
    List<String> command = new ArrayList<>(List.of(program("load")));
    for (Object each : arguments) {
      command.add(each.toString());
    }
    return command;
  }

  Peer limit() throws IOException, InterruptedException {
    int echo = Ports.free(1).getFirst();
    return Peer.echo("C limit", start("limit", List.of(program("server"), "" + echo)), echo);
  }

  Peer nginx() throws IOException, InterruptedException {
    int http = Ports.free(1).getFirst();
    return new Peer(
        NGINX,
        nginx("nginx.conf", http, Map.of()),
        OptionalInt.empty(),
        OptionalInt.of(http),
        OptionalInt.empty());
  }

  /** With TLS and one worker. */
  Peer nginx(Certificate certificate) throws IOException, InterruptedException {
    int https = Ports.free(1).getFirst();
    Map<String, String> files =
        Map.of(
            "CHAIN", certificate.chain().toString(),
            "KEY", certificate.key().toString(),
            "SMALL", "x".repeat(64),
            "LARGE", "x".repeat(1024));
    return Peer.https(NGINX, nginx("nginx-tls.conf", https, files), https);
  }

  private ProcessHandle nginx(String file, int port, Map<String, String> more)
      throws IOException, InterruptedException {
    String text =
        Files.readString(bench.resolve("peers").resolve(file))
            .replace("HTTP_PORT", "" + port)
            .replace("ACCEPT", policy.defersAccept() ? "deferred" : "");
    for (Map.Entry<String, String> each : more.entrySet()) {
      text = text.replace(each.getKey(), each.getValue());
    }
    Path conf = Files.writeString(directory.resolve(file), text);
    List<String> command =
        List.of(NGINX, "-p", directory.toString(), "-c", conf.toString(), "-e", "stderr");
    Process process = launch(NGINX, command);
    await(process, NGINX, () -> accepts(port));
    return process.toHandle();
  }

  Peer node() throws IOException, InterruptedException {
    List<Integer> ports = Ports.free(2);
    return several(
        "Node cluster", List.of("node", bench.resolve("peers/cluster.js").toString()), ports);
  }

  Peer netty() throws IOException, InterruptedException {
    return several(
        NETTY,
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx256m", // as a worker of Baton
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            deferring(),
            "-cp",
            System.getProperty("java.class.path"),
            NettyServer.class.getName()),
        Ports.free(3));
  }

  /** With TLS, in such a JVM. */
  Peer netty(WorkerJvm jvm, Certificate certificate) throws IOException, InterruptedException {
    int https = Ports.free(1).getFirst();
    List<String> command =
        jvm.command(
            home,
            List.of(deferring()),
            NettyTlsServer.class,
            "" + https,
            certificate.chain().toString(),
            certificate.key().toString());
    return Peer.https(NETTY, start(NETTY, command), https);
  }

  /** gRPC's echo, in such a JVM. */
  Peer grpc(WorkerJvm jvm) throws IOException, InterruptedException {
    return echo(GRPC, jvm, List.of(GRPC_NO_LEAK_DETECTION), GrpcServer.class);
  }

  /** Netty's group of channels, in such a JVM. */
  Peer nettyGroup(WorkerJvm jvm) throws IOException, InterruptedException {
    return echo("group", jvm, List.of(), NettyGroup.class);
  }

  private Peer echo(String name, WorkerJvm jvm, List<String> options, Class<?> main)
      throws IOException, InterruptedException {
    int port = Ports.free(1).getFirst();
    return Peer.echo(name, start(name, jvm.command(home, options, main, "" + port)), port);
  }

  /** Whether there is a program of that name. */
  static boolean has(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
  }

  /** Starts a NATS server; its port. */
  int natsServer() throws IOException, InterruptedException {
    int port = Ports.free(1).getFirst();
    Process process = launch(NATS_SERVER, List.of(NATS_SERVER, "-a", "127.0.0.1", "-p", "" + port));
    await(process, NATS_SERVER, () -> accepts(port));
    return port;
  }

  /** The client library of NATS by itself, in such a JVM. */
  Peer natsPair(WorkerJvm jvm, String url) throws IOException, InterruptedException {
    int echo = Ports.free(1).getFirst();
    List<String> command = jvm.command(home, List.of(), NatsPair.class, "" + echo, url);
    return new Peer(
        "jnats",
        start("jnats", command),
        OptionalInt.of(echo),
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  private String deferring() {
    return "-D%s=%d".formatted(NettyServer.DEFER, policy.defersAccept() ? 1 : 0);
  }

  /** One that takes its ports as arguments: of an echo, of HTTP, and perhaps of one that burns. */
  private Peer several(String name, List<String> command, List<Integer> ports)
      throws IOException, InterruptedException {
    List<String> whole = new ArrayList<>(command);
    ports.forEach(port -> whole.add("" + port));
    return new Peer(
        name,
        start(name, whole),
        OptionalInt.of(ports.get(0)),
        OptionalInt.of(ports.get(1)),
        ports.size() > 2 ? OptionalInt.of(ports.get(2)) : OptionalInt.empty());
  }

  /** Starts one that says "ready". */
  private ProcessHandle start(String name, List<String> command)
      throws IOException, InterruptedException {
    Process process = launch(name, command);
    await(process, name, () -> Files.readString(output(name)).contains("ready"));
    return process.toHandle();
  }

  private Path output(String name) {
    return directory.resolve(name + ".out");
  }

  private Process launch(String name, List<String> server) throws IOException {
    List<String> command = policy.of(server);
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(home.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output(name).toFile())
              .start();
      started.add(process);
      return process;
    } catch (IOException e) {
      throw new BenchException("needs " + command.getFirst() + ": " + e.getMessage(), e);
    }
  }

  private interface Check {
    boolean holds() throws IOException;
  }

  private void await(Process process, String name, Check ready)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    while (!ready.holds()) {
      if (!process.isAlive() || System.nanoTime() - deadline >= 0) {
        throw new BenchException(
            name + " did not start:\n" + Files.readString(output(name)).strip());
      }
      Thread.sleep(POLL_MS);
    }
  }

  private static boolean accepts(int port) {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (Process process : started) {
      process.destroy();
    }
    try {
      for (Process process : started) {
        process.waitFor();
      }
      ServerDirectory.delete(directory);
    } catch (IOException e) {
      System.err.println("bench/run: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
