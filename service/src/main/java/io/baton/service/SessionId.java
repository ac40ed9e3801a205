package io.baton.service;

/**
 * Names one client's conversation, not the descriptor. It is unique for as long as the server runs,
 * and in a cluster, too, where two machines give the same numbers with a probability of 1 in 8
 * million.
 */
public record SessionId(long value) {
  @Override
  public String toString() {
    return Long.toUnsignedString(value, 36);
  }
}
