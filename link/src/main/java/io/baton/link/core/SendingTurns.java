package io.baton.link.core;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The order in which channels are written, within the credit that they share. One object for one
 * write.
 */
final class SendingTurns {
  private final OutboundMessages messages;
  private final List<Outbound> channels;
  private final SendCredit credit;

  /** The channel that had its turn last. */
  private int served;

  SendingTurns(OutboundMessages messages, List<Outbound> channels, SendCredit credit, int served) {
    this.messages = messages;
    this.channels = channels;
    this.credit = credit;
    this.served = served;
  }

  /**
   * Writes channel 0 first, then one piece of each channel in turn, as long as anything goes.
   *
   * @return the channel that had its turn last
   */
  int write(ByteBuffer to) {
    boolean more = true;
    while (more && Frame.hasRoom(to)) {
      long free = begin();
      int n = messages.writeData(to, messages.limit(free));
      credit.sent(n);
      more = n > 0;
      if (!channels.isEmpty() && Frame.hasRoom(to)) {
        more |= writeNext(to, free);
      }
    }
    return served;
  }

  /**
   * Lets messages begin as far as there is credit; the first that waits lets no other begin.
   *
   * @return the credit that is free for streams; -1 if a message waits
   */
  private long begin() {
    long free = messages.begin(credit.left() - reserved());
    if (channels.isEmpty()) {
      return free;
    }
    Outbound first = firstUnsent();
    int start = afterServed();
    for (int i = 0; i < channels.size() && free >= 0; i++) {
      Outbound each = channels.get((start + i) % channels.size());
      if (each instanceof OutboundMessages its && isInOrder(each, first)) {
        free = its.begin(free);
      }
    }
    return free;
  }

  /** Returns how many bytes of the credit are set aside for messages that have begun. */
  long reserved() {
    long sum = messages.reserved();
    for (int i = 0; i < channels.size(); i++) {
      sum += channels.get(i) instanceof OutboundMessages its ? its.reserved() : 0;
    }
    return sum;
  }

  private boolean writeNext(ByteBuffer to, long free) {
    Outbound first = firstUnsent();
    int start = afterServed();
    for (int i = 0; i < channels.size(); i++) {
      Outbound each = channels.get((start + i) % channels.size());
      if (isInOrder(each, first)) {
        int n = each.writeData(to, each.limit(free));
        credit.sent(n);
        if (each.writeEnd(to) || n > 0) {
          served = each.channel;
          return true;
        }
      }
    }
    return false;
  }

  private int afterServed() {
    int at = 0;
    while (at < channels.size() && channels.get(at).channel <= served) {
      at++;
    }
    return at;
  }

  /**
   * Tells whether a channel has begun or is the next to: the peer knows the highest it has seen.
   */
  private static boolean isInOrder(Outbound channel, @Nullable Outbound first) {
    return channel.sent() > 0 || channel.equals(first);
  }

  private @Nullable Outbound firstUnsent() {
    for (int i = 0; i < channels.size(); i++) {
      if (channels.get(i).sent() == 0) {
        return channels.get(i);
      }
    }
    return null;
  }
}
