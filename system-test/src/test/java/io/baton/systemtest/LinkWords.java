package io.baton.systemtest;

import java.util.Arrays;
import java.util.zip.CRC32C;

/** What the clients and the services of {@link LinkModule} say to each other. */
public sealed interface LinkWords {

  /**
   * A message of a series, in which each side numbers its own from 1.
   *
   * @param sum CRC-32C of the bytes
   * @param answer number of bytes that the other side's next message is to have
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Part(long number, byte[] bytes, int sum, int answer) implements LinkWords {

    /** Makes one with bytes that depend on its number alone. */
    static Part of(long number, int length, int answer) {
      byte[] bytes = new byte[length];
      fill(bytes, number);
      return new Part(number, bytes, sum(bytes), answer);
    }

    private static void fill(byte[] bytes, long number) {
      int state = (int) number * 0x9E3779B9;
      for (int i = 0; i < bytes.length; i++) {
        state = state * 1_664_525 + 1_013_904_223;
        bytes[i] = (byte) (state >>> 24);
      }
    }

    /** Says what is wrong with it if it should be the one with this number; empty if nothing. */
    String flaw(long expected) {
      byte[] its = new byte[bytes.length];
      fill(its, number);
      return number != expected
          ? "number %d instead of %d".formatted(number, expected)
          : sum != sum(bytes) || !Arrays.equals(bytes, its)
              ? "number " + number + " is damaged"
              : "";
    }

    private static int sum(byte[] bytes) {
      CRC32C sum = new CRC32C();
      sum.update(bytes);
      return (int) sum.getValue();
    }
  }

  /** A question about the session, see {@link LinkModule}. */
  record Question(String about) implements LinkWords {}

  /** The answer of the service. */
  record Answer(String text) implements LinkWords {}
}
