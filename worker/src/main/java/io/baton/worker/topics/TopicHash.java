package io.baton.worker.topics;

/**
 * A keyed hash of topics: SipHash-1-3 (Aumasson and Bernstein, 2012) over the chars, four a word.
 * Who does not know the key cannot find topics that collide. It never leaves the worker.
 */
final class TopicHash {
  private static final int CHARS = Long.BYTES / Character.BYTES;

  private final long key0;
  private final long key1;

  TopicHash(long key0, long key1) {
    this.key0 = key0;
    this.key1 = key1;
  }

  long of(String topic) {
    long v0 = key0 ^ 0x736f6d6570736575L;
    long v1 = key1 ^ 0x646f72616e646f6dL;
    long v2 = key0 ^ 0x6c7967656e657261L;
    long v3 = key1 ^ 0x7465646279746573L;
    int length = topic.length();
    int words = length / CHARS + 1 + 3; // the words, the last of them with the length; then the end
    for (int word = 0; word < words; word++) {
      long m = 0;
      if (word < words - 3) {
        m = word(topic, word * CHARS, Math.min(length, (word + 1) * CHARS));
        if (word == words - 4) {
          m |= (long) length << 56;
        }
      } else if (word == words - 3) {
        v2 ^= 0xff;
      }
      v3 ^= m;
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
      v0 ^= m;
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }

  private static long word(String topic, int from, int to) {
    long word = 0;
    for (int i = to - 1; i >= from; i--) {
      word = word << Character.SIZE | topic.charAt(i);
    }
    return word;
  }
}
