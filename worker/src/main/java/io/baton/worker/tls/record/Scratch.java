package io.baton.worker.tls.record;

import io.netty.util.concurrent.FastThreadLocal;

/**
 * Where records are put together and taken apart, one for each thread: empty between two calls, so
 * that a connection has none of its own. Arrays, because the JDK's ciphers are slower with anything
 * else.
 */
final class Scratch {
  /** The longest that is inside of a record, with its type and padding (RFC 8446, 5.4). */
  private static final int MAX_INNER = RecordWriter.MAX_CONTENT + 256;

  private static final FastThreadLocal<Scratch> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected Scratch initialValue() {
          return new Scratch();
        }
      };

  final byte[] header = new byte[RecordWriter.HEADER];

  /** What is inside of a record. */
  final byte[] inner = new byte[MAX_INNER];

  /** The same, protected. */
  final byte[] outer = new byte[MAX_INNER + Protection.TAG];

  private Scratch() {}

  static Scratch get() {
    return OF_THREAD.get();
  }
}
