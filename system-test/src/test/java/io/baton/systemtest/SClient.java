package io.baton.systemtest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A client that nobody here wrote: OpenSSL's {@code s_client}, to which a line {@code K} or {@code
 * k} is a command to update its key, with or without asking for ours.
 */
final class SClient implements AutoCloseable {
  private final Process process;
  private final OutputStream in;
  private final StringBuilder heard = new StringBuilder();

  /**
   * @param options further ones
   */
  SClient(int port, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port));
    command.addAll(List.of(options));
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    in = process.getOutputStream();
    InputStream out = process.getInputStream();
    Thread.ofPlatform().daemon().name("s_client").start(() -> hear(out));
  }

  private void hear(InputStream out) {
    byte[] some = new byte[4096];
    try {
      for (int n; (n = out.read(some)) >= 0; ) {
        heard(new String(some, 0, n, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      heard(e.toString());
    }
  }

  private synchronized void heard(String text) {
    heard.append(text);
  }

  private synchronized String heard() {
    return heard.toString();
  }

  private synchronized void forgetThrough(String text) {
    heard.delete(0, heard.indexOf(text) + text.length());
  }

  void say(String line) throws IOException {
    in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    in.flush();
  }

  /** Says something new, and waits for the echo. */
  void echo(String line) throws IOException {
    say(line);
    await(line + "\n"); // not always at the beginning of a line: it prints tickets in pieces
  }

  /** Updates its key, and has us update ours if that is wanted. */
  void updateKey(boolean both) throws IOException {
    say(both ? "K" : "k");
    await("KEYUPDATE");
    forgetThrough("KEYUPDATE");
  }

  /** Waits until it has printed this. */
  String await(String text) {
    return Wait.until(text + " from s_client", this::heard, all -> all.contains(text));
  }

  /** Waits for its end. */
  String awaitEnd() throws InterruptedException {
    process.waitFor();
    return heard();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() throws IOException {
    in.close();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
