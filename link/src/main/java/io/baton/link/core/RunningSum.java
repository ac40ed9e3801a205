package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A CRC-32C that goes on in another process. */
final class RunningSum {
  /** The polynomial of CRC-32C, its bits reversed. */
  private static final int POLYNOMIAL = 0x82F6_3B78;

  private final CRC32C sum = new CRC32C();

  void update(ByteBuffer bytes) {
    sum.update(bytes);
  }

  long value() {
    return sum.getValue();
  }

  /**
   * Goes on from a value: by the four bytes that lead from the register's first state to it. They
   * are found by running the register backwards over 32 bits.
   */
  void set(long value) {
    int register = ~(int) value;
    for (int i = 0; i < Integer.SIZE; i++) {
      boolean isOdd = register < 0;
      register = (isOdd ? register ^ POLYNOMIAL : register) << 1 | (isOdd ? 1 : 0);
    }
    int bytes = ~register;
    sum.reset();
    for (int i = 0; i < Integer.BYTES; i++) {
      sum.update(bytes >>> (8 * i));
    }
  }
}
