package io.baton.service;

/**
 * Names one client's conversation, unique for as long as the server runs, and on all machines of a
 * cluster; not the descriptor.
 */
public record SessionId(long value) {
  @Override
  public String toString() {
    return Long.toUnsignedString(value, 36);
  }
}
