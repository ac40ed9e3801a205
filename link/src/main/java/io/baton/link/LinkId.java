package io.baton.link;

/**
 * The public name of a session, the same on both sides, for logs: 128 bits, printed as 32
 * hexadecimal digits. Knowing it gives no access to the session.
 */
public record LinkId(long high, long low) {
  @Override
  public String toString() {
    return "%016x%016x".formatted(high, low);
  }
}
