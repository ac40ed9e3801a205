package io.baton.spice;

/** The numbers of capabilities, which are bits in words of 32. */
final class Capabilities {
  static final int AUTH_SELECTION = 0;
  static final int AUTH_SPICE = 1;
  static final int MINI_HEADER = 3;

  static final int MAIN_NAME_AND_UUID = 1;

  static final int DISPLAY_MONITORS_CONFIG = 1;
  static final int DISPLAY_LZ4_COMPRESSION = 5;

  /** What this server has in common with every channel's client. */
  static final int COMMON = (1 << AUTH_SELECTION) | (1 << AUTH_SPICE) | (1 << MINI_HEADER);

  private Capabilities() {}

  /** Returns whether the word has the bit. */
  static boolean has(int word, int bit) {
    return ((word >> bit) & 1) != 0;
  }
}
