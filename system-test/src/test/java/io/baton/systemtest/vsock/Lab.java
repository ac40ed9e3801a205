package io.baton.systemtest.vsock;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The checks in the guest, one after the other against one server. Each prints {@code LAB ok NAME}
 * or {@code LAB failed NAME: why}; the last line is {@code LAB done N}, N of them being ok.
 */
final class Lab {
  // As in baton.conf, next to the script.
  private static final long LOCAL = 1;
  private static final long ECHO = 5_000;
  private static final long TAKEN = 6_000; // not by the server
  private static final long FRAME = 5_001;
  private static final long WEB = 8_080;
  private static final long HASHED = 70_000;
  private static final long PEER = 4_000_000_000L;

  private static final int EACH = 20;
  private static final int CROWD = 200;
  private static final int PAUSE_MS = 1_000;
  private static final int CHUNK = 64 * 1024;
  private static final int CHUNKS = nightly(1024, 128);

  private int ok;

  /** Returns how often a check repeats what it does: as Nightly, which is not in the guest. */
  static int nightly(int all, int share) {
    return Boolean.getBoolean("baton.nightly") ? all : share;
  }

  private Lab() {}

  /** What one check does. */
  private interface Check {
    void run() throws Exception;
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is not in the guest
  static void require(boolean holds, String otherwise, Object... arguments) {
    if (!holds) {
      throw new IllegalStateException(otherwise.formatted(arguments));
    }
  }

  private boolean check(String name, Check check) {
    long from = System.nanoTime();
    try {
      check.run();
      ok++;
      System.out.printf("LAB ok %s (%.1f s)%n", name, (System.nanoTime() - from) / 1e9);
      return true;
    } catch (Exception | LinkageError e) {
      System.out.printf("LAB failed %s: %s%n", name, e.toString().replaceAll("\\s+", " "));
      return false;
    }
  }

  public static void main(String[] args) {
    Lab lab = new Lab();
    if (lab.check("start", Lab::start)) {
      lab.checkServer();
    }
    System.out.println("LAB done " + lab.ok);
  }

  private void checkServer() {
    check("echo-raw", Lab::echoRaw);
    check("echo-frame", Lab::echoFrame);
    check("http", Lab::http);
    check("both-workers", Lab::bothWorkers);
    check("peer", Lab::peer);
    check("peer-hash", Lab::peerHash);
    check("crowd", Lab::crowd);
    check("half-close", Lab::halfClose);
    check("abrupt-close", Lab::abruptClose);
    check("transfer", Lab::transfer);
    check("worker-killed", Lab::workerKilled);
    check("reload", Lab::reload);
    check("link", LinkLab::link);
    check("link-stream", LinkLab::linkStream);
    check("link-clock", LinkLab::linkClock);
    check("framework", FrameworkLab::framework);
    check("framework-clock", FrameworkLab::frameworkClock);
    check("port-in-use", Lab::portInUse);
    check("foreign-cid", Lab::foreignCid);
    check("stop", Lab::stop);
  }

  private static List<Vsock> connect(int n, long port) throws IOException {
    List<Vsock> clients = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      clients.add(Vsock.connect(LOCAL, port));
    }
    return clients;
  }

  private static void close(List<Vsock> clients) throws IOException {
    for (Vsock client : clients) {
      client.close();
    }
  }

  /** All send, then all read: each has its own answer. */
  private static void echo(List<Vsock> clients, String what) throws IOException {
    for (int i = 0; i < clients.size(); i++) {
      clients.get(i).write(what + i);
    }
    for (int i = 0; i < clients.size(); i++) {
      String sent = what + i;
      String got = new String(clients.get(i).readFully(sent.length()), ISO_8859_1);
      require(got.equals(sent), "client %d sent %s and got %s", i, sent, got);
    }
  }

  private static void start() throws Exception {
    String said = Guest.script("start", Guest.CONF).ok();
    System.out.println(said);
    for (String endpoint :
        List.of(
            "vsock://any:" + ECHO,
            "vsock://local:" + WEB,
            "vsock://local:" + HASHED,
            "vsock://any:" + PEER)) {
      require(said.contains(endpoint), "it should say %s, but says: %s", endpoint, said);
    }
  }

  private static void echoRaw() throws IOException {
    List<Vsock> clients = connect(EACH, ECHO);
    echo(clients, "raw ");
    echo(clients, "raw again ");
    close(clients);
  }

  private static void echoFrame() throws IOException {
    List<Vsock> clients = connect(EACH, FRAME);
    for (Vsock client : clients) {
      for (byte[] message : List.of("frame".getBytes(ISO_8859_1), new byte[0], new byte[5_000])) {
        byte[] frame =
            ByteBuffer.allocate(4 + message.length).putInt(message.length).put(message).array();
        client.write(frame);
        require(Arrays.equals(client.readFully(frame.length), frame), "another frame came back");
      }
    }
    close(clients);
  }

  private static void http() throws IOException {
    for (int i = 0; i < EACH; i++) {
      try (Vsock client = Vsock.connect(LOCAL, WEB)) {
        client.write("GET /hello HTTP/1.1\r\nHost: guest\r\nConnection: close\r\n\r\n");
        StringBuilder answer = new StringBuilder();
        for (byte[] some = client.read(CHUNK); some.length > 0; some = client.read(CHUNK)) {
          answer.append(new String(some, ISO_8859_1));
        }
        require(answer.toString().startsWith("HTTP/1.1 200 OK\r\n"), "the answer is %s", answer);
        require(answer.toString().endsWith("\r\n\r\nHello, World!"), "the answer is %s", answer);
      }
    }
  }

  private static void bothWorkers() throws Exception {
    Guest.Status status = Guest.status();
    require(status.workers().size() == 2, "there are %s", status.workers());
    for (Guest.Worker worker : status.workers()) {
      require(worker.taken() > 0, "one took nothing: %s", status.workers());
    }
  }

  private static void peer() throws IOException {
    try (Vsock client = Vsock.connect(LOCAL, PEER)) {
      String told = client.echo("who am I?\n");
      require(told.startsWith("vsock:1:"), "the peer is %s", told);
    }
  }

  private static void peerHash() throws Exception {
    List<Long> before = Guest.status().taken();
    List<Vsock> clients = connect(EACH, HASHED);
    echo(clients, "hashed ");
    List<Long> after =
        Guest.await("all are taken", status -> sum(status.taken()) == sum(before) + EACH).taken();
    require(
        after.get(0).equals(before.get(0)) || after.get(1).equals(before.get(1)),
        "both workers took some: %s, then %s",
        before,
        after);
    close(clients);
  }

  private static long sum(List<Long> numbers) {
    return numbers.stream().mapToLong(Long::longValue).sum();
  }

  private static void crowd() throws IOException {
    List<Vsock> clients = connect(CROWD, ECHO);
    echo(clients, "one of many ");
    echo(clients, "and again ");
    close(clients);
  }

  /** A client that has said all still gets everything, then the end. */
  private static void halfClose() throws Exception {
    try (Vsock client = Vsock.connect(LOCAL, ECHO)) {
      byte[] all = new byte[4 * CHUNK];
      Arrays.fill(all, (byte) 'x');
      FutureTask<Boolean> writer =
          new FutureTask<>(() -> {
            client.write(all);
            client.shutdownOutput();
            return true;
          });
      Thread.ofPlatform().start(writer);
      require(Arrays.equals(client.readFully(all.length), all), "other bytes came back");
      require(client.isEnded(), "there is more");
      require(writer.get(), "the writer failed");
    }
  }

  /** Clients that leave without reading what was for them: others do not notice. */
  private static void abruptClose() throws Exception {
    try (Vsock stays = Vsock.connect(LOCAL, ECHO)) {
      for (int i = 0; i < EACH; i++) {
        Vsock client = Vsock.connect(LOCAL, ECHO);
        client.write(new byte[CHUNK]);
        client.close();
      }
      require(stays.echo("still here").equals("still here"), "another echo");
    }
    Guest.Status status = Guest.await("nobody is left open", s -> s.open() == 0);
    require(status.allReady(), "a worker is not ready: %s", status.workers());
  }

  /** Many megabytes there and back, each chunk different; the checksums are over all of them. */
  private static void transfer() throws Exception {
    try (Vsock client = Vsock.connect(LOCAL, ECHO)) {
      FutureTask<Long> writer =
          new FutureTask<>(() -> {
            CRC32C sent = new CRC32C();
            byte[] chunk = new byte[CHUNK];
            for (int i = 0; i < CHUNKS; i++) {
              Arrays.fill(chunk, (byte) (i * 31));
              ByteBuffer.wrap(chunk).putInt(i);
              sent.update(chunk);
              client.write(chunk);
            }
            client.shutdownOutput();
            return sent.getValue();
          });
      Thread.ofPlatform().start(writer);
      CRC32C got = new CRC32C();
      long bytes = 0;
      for (byte[] some = client.read(CHUNK); some.length > 0; some = client.read(CHUNK)) {
        got.update(some);
        bytes += some.length;
      }
      require(bytes == (long) CHUNK * CHUNKS, "%d bytes came back", bytes);
      require(writer.get() == got.getValue(), "the checksums differ");
    }
  }

  /** The others' connections go on, new clients are served, the worker is replaced. */
  private static void workerKilled() throws Exception {
    List<Vsock> clients = connect(EACH, ECHO);
    echo(clients, "before ");
    Guest.Status before = Guest.status();
    long victim = before.workers().getFirst().pid();
    require(ProcessHandle.of(victim).orElseThrow().destroyForcibly(), "it cannot be killed");
    int survivors = 0;
    for (Vsock client : clients) {
      boolean lost;
      try {
        lost = !client.echo("after").equals("after");
      } catch (IOException e) {
        lost = true;
      }
      survivors += lost ? 0 : 1;
      client.close();
    }
    require(survivors > 0 && survivors < EACH, "%d of %d connections live", survivors, EACH);
    List<Vsock> late = connect(EACH, ECHO);
    echo(late, "after ");
    Guest.Status after =
        Guest.await(
            "it is replaced", status -> status.allReady() && !status.pids().contains(victim));
    require(
        after.pids().get(1).equals(before.pids().get(1)),
        "the other was replaced too: %s, then %s",
        before.pids(),
        after.pids());
    echo(late, "and on ");
    close(late);
  }

  /**
   * Connections of all kinds go on in the workers that come after those they were made with, and
   * messages go to and fro all the while.
   */
  private static void reload() throws Exception {
    SplittableRandom random = new SplittableRandom(EACH);
    List<Vsock> clients = connect(EACH, ECHO);
    echo(clients, "before ");
    try (LinkLab link = new LinkLab();
        FrameworkLab framework = new FrameworkLab()) {
      long worker = link.worker();
      framework.exchange(random);
      Guest.Status before = Guest.status();
      FutureTask<Guest.Result> reload = new FutureTask<>(() -> Guest.script("reload", Guest.CONF));
      Thread.ofPlatform().start(reload);
      while (!isOver(reload)) {
        link.worker();
        framework.exchange(random);
      }
      String said = reload.get().ok();
      System.out.println(said);
      int all = EACH + 2;
      String expected =
          "2 workers replaced, %d connections migrated, 0 finished, 0 closed".formatted(all);
      require(said.contains(expected), "it says: %s", said);
      echo(clients, "after ");
      require(link.worker() != worker, "Link is still in worker %d", worker);
      framework.exchange(random);
      Guest.Status after = Guest.status();
      require(
          after.migrated() == before.migrated() + all,
          "migrated went from %d to %d",
          before.migrated(),
          after.migrated());
      for (long pid : before.pids()) {
        require(!after.pids().contains(pid), "worker %d is still there", pid);
      }
    }
    close(clients);
  }

  /** Waits a little: an emulated processor is needed for what is waited for. */
  private static boolean isOver(FutureTask<?> task) throws Exception {
    try {
      task.get(PAUSE_MS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private static void portInUse() throws Exception {
    try (Vsock _ = Vsock.listen(TAKEN)) {
      refused("vsock://any:" + TAKEN, "EADDRINUSE");
    }
  }

  private static void foreignCid() throws Exception {
    refused("vsock://99:" + ECHO, "EADDRNOTAVAIL");
  }

  /** A reload to where nobody can listen; the server goes on as it was. */
  private static void refused(String endpoint, String why) throws Exception {
    String conf = Files.readString(Guest.CONF);
    Files.writeString(
        Guest.CONF, conf + "\nbaton.listeners.echo.endpoint = \"" + endpoint + "\"\n");
    try {
      Guest.Result result = Guest.script("reload", Guest.CONF);
      System.out.println(result.said());
      result.failed("listener echo cannot listen on " + endpoint, why);
    } finally {
      Files.writeString(Guest.CONF, conf);
    }
    echoRaw();
  }

  /** Who is there is served until he has finished; nothing is left. */
  private static void stop() throws Exception {
    List<Long> pids = Guest.status().pids();
    try (Vsock client = Vsock.connect(LOCAL, ECHO)) {
      require(client.echo("still").equals("still"), "another echo");
      FutureTask<Guest.Result> stop = new FutureTask<>(() -> Guest.script("stop", Guest.CONF));
      Thread.ofPlatform().start(stop);
      Guest.await("it is stopping", Guest.Status::stopping);
      require(client.echo("to the end").equals("to the end"), "another echo");
      client.shutdownOutput();
      require(client.isEnded(), "there is more");
      stop.get().ok();
    }
    for (long pid : pids) {
      require(ProcessHandle.of(pid).isEmpty(), "worker %d is still there", pid);
    }
    try (Stream<java.nio.file.Path> left = Files.list(Guest.HOME.resolve("run"))) {
      List<String> names = left.map(file -> file.getFileName().toString()).sorted().toList();
      require(names.equals(List.of("instance", "lock")), "in run/: %s", names);
    }
  }
}
