package io.baton.worker.channel;

import io.netty.channel.ChannelId;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A number that no other channel of this process has; Netty's own identity takes five times the
 * memory.
 */
final class FdChannelId implements ChannelId {
  private static final long serialVersionUID = 1;
  private static final AtomicLong LAST = new AtomicLong();

  private final long number = LAST.incrementAndGet();

  @Override
  public String asShortText() {
    return Long.toString(number);
  }

  @Override
  public String asLongText() {
    return asShortText();
  }

  @Override
  public int compareTo(ChannelId other) {
    return other instanceof FdChannelId fd
        ? Long.compare(number, fd.number)
        : asLongText().compareTo(other.asLongText());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FdChannelId fd && fd.number == number;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(number);
  }

  @Override
  public String toString() {
    return asShortText();
  }
}
