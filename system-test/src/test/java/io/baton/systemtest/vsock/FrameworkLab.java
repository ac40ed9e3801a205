package io.baton.systemtest.vsock;

import static io.baton.systemtest.vsock.Lab.require;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A client of the vsock message framework in the guest, and the checks that it makes. It makes the
 * bytes of type 4, a time and a string, by hand, as the framework's own client does.
 */
final class FrameworkLab implements AutoCloseable {
  private static final long LOCAL = 1;
  private static final long PORT = 47_916;
  private static final int TALK = 4;
  private static final int CLOCK = 3;
  private static final int SMALL = 20;
  private static final int HEAD = 8 + SMALL;
  private static final int TALK_FIXED = 16;
  private static final int BATCHES = Lab.nightly(200, 40);
  private static final int EACH = 50;
  private static final int LONG = 2_000;
  private static final int QUESTIONS = Lab.nightly(200, 50);

  private final Vsock socket = Vsock.connect(LOCAL, PORT);

  FrameworkLab() throws IOException {}

  private static ByteBuffer bytes(byte[] all) {
    return ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] message(int type, byte[] body) {
    byte[] message = new byte[HEAD + (body.length > SMALL ? body.length : 0)];
    bytes(message).putInt(type).putInt(body.length);
    System.arraycopy(body, 0, message, body.length > SMALL ? HEAD : HEAD - SMALL, body.length);
    return message;
  }

  private static byte[] talk(long time, String text) {
    byte[] body = new byte[TALK_FIXED + text.length()];
    bytes(body).putLong(time).putLong(text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    return message(TALK, body);
  }

  /** Lengths around the edge of what is sent in the head, and long ones. */
  private static byte[] talk(SplittableRandom random, long number) {
    int length = random.nextBoolean() ? random.nextInt(8) : random.nextInt(LONG);
    return talk(number, "x".repeat(length));
  }

  private void echo(SplittableRandom random) throws IOException {
    byte[][] sent = new byte[EACH][];
    for (int i = 0; i < EACH; i++) {
      sent[i] = talk(random, random.nextLong());
      socket.write(sent[i]);
    }
    for (byte[] each : sent) {
      byte[] got = socket.readFully(each.length);
      require(Arrays.equals(got, each), "another message came back, of %d bytes", each.length);
    }
  }

  /** Asks for the clock, which is this guest's. */
  private void clock() throws IOException {
    long before = System.nanoTime();
    socket.write(message(CLOCK, new byte[2 * Long.BYTES]));
    ByteBuffer answer = bytes(socket.readFully(HEAD));
    long after = System.nanoTime();
    require(answer.getInt() == CLOCK && answer.getInt() == 2 * Long.BYTES, "it is no clock's");
    long received = answer.getLong();
    long sent = answer.getLong();
    long offset = ((before - received) + (after - sent)) / 2;
    long bound = (after - before - (sent - received)) / 2;
    require(
        Math.abs(offset) <= bound + 1, "an offset of %d ns, at most %d ns wrong", offset, bound);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** Some messages there and back, and a question. */
  void exchange(SplittableRandom random) throws IOException {
    echo(random);
    clock();
  }

  // ---- the checks ----

  /** Many messages. */
  static void framework() throws IOException {
    SplittableRandom random = new SplittableRandom(BATCHES);
    try (FrameworkLab lab = new FrameworkLab()) {
      for (int i = 0; i < BATCHES; i++) {
        lab.echo(random);
      }
    }
  }

  static void frameworkClock() throws IOException {
    try (FrameworkLab lab = new FrameworkLab()) {
      for (int i = 0; i < QUESTIONS; i++) {
        lab.clock();
      }
    }
  }
}
