package io.baton.link.core;

/** The version of the protocol that this code speaks: 1.0. */
final class Version {
  /** The first bytes of a client: {@code BTLK} and the major version. */
  static final byte[] PREAMBLE = {'B', 'T', 'L', 'K', 1};

  static final int MINOR = 0;

  private Version() {}

  /**
   * Reads a client's lowest and highest minor version.
   *
   * @return whether the client also speaks newer ones, so that fields may follow that this version
   *     skips
   */
  static boolean readMinors(ByteSource from) throws LinkProtocolException {
    int lowest = from.u8();
    int highest = from.u8();
    if (lowest > MINOR || highest < lowest) {
      throw new LinkProtocolException(
          LinkCode.VERSION,
          "the client speaks 1.%d to 1.%d, this server 1.%d".formatted(lowest, highest, MINOR));
    }
    return highest > MINOR;
  }
}
