package io.baton.worker.mesh;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Answer;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Begun;
import io.baton.mesh.MeshMessage.Claimed;
import io.baton.mesh.MeshMessage.Ended;
import io.baton.mesh.MeshMessage.Forward;
import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Has;
import io.baton.mesh.MeshMessage.Members;
import io.baton.mesh.MeshMessage.Offers;
import io.baton.mesh.MeshMessage.Passed;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Reset;
import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshMessage.Tail;
import io.baton.mesh.MeshMessage.TailDone;
import io.baton.mesh.MeshMessage.Unwant;
import io.baton.mesh.MeshMessage.Want;
import io.baton.mesh.MeshMessage.Who;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.mesh.MeshMessage.Withdrawn;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The messages that wait for one link, in the order in which they go out. Publications, also
 * forwarded ones, and questions and their answers are refused when too many bytes wait; one finds
 * room whenever no other waits. All other messages are control: they are never refused, but where a
 * later one says all that an earlier one did, only the later one stays.
 *
 * <p>Bytes are an estimate of what a message takes in memory.
 */
final class MeshOutbox {
  /** What a waiting message takes besides its topic and its content, in bytes. */
  static final int OVERHEAD = 150;

  /** Kinds of control of which a later message takes the place of an earlier one. */
  private enum Kind {
    INTEREST,
    HAS,
    GAP,
    OFFERS
  }

  /** What identifies a message whose place a later one takes. */
  private record Replaceable(Kind kind, String topic) {}

  /**
   * Likewise, of a {@link Passed}.
   *
   * @param forwards that had been added before it: those between two of them keep the two apart
   */
  private record ReplaceablePassed(
      long session, int move, long publisher, String topic, long forwards) {}

  /** By what identifies each, if a later one may replace it; else by a number of its own. */
  private final Map<Object, MeshMessage> messages = new LinkedHashMap<>();

  private long lastNumber;
  private long forwards;
  private long bytes;
  private long refusableBytes;

  /**
   * Adds a message.
   *
   * @param limit of the bytes that wait, for publications
   * @return false if it is refused
   */
  boolean add(MeshMessage message, long limit) {
    long size = size(message);
    if (mayBeRefused(message)) {
      if (refusableBytes > 0 && bytes + size > limit) {
        return false;
      }
      refusableBytes += size;
      forwards += message instanceof Forward ? 1 : 0;
    }
    Object key = key(message);
    MeshMessage replaced = messages.remove(key); // so that the later one is at the end
    bytes += size - (replaced == null ? 0 : size(replaced));
    messages.put(key, message);
    return true;
  }

  private Object key(MeshMessage message) {
    return switch (message) {
      case Want m -> new Replaceable(Kind.INTEREST, m.topic());
      case Unwant m -> new Replaceable(Kind.INTEREST, m.topic());
      case Has m -> new Replaceable(Kind.HAS, m.topic());
      case Gap m -> new Replaceable(Kind.GAP, m.topic());
      case Passed m ->
          new ReplaceablePassed(m.session(), m.move(), m.publisher(), m.topic(), forwards);
      case Offers _ -> new Replaceable(Kind.OFFERS, "");
      case Synced _, Publish _, Who _, Members _ -> ++lastNumber;
      case Tail _, Forward _, Begun _, Claimed _, Ended _, TailDone _ -> ++lastNumber;
      case Withdraw _, Withdrawn _, Ask _, Answer _, Reset _ -> ++lastNumber;
    };
  }

  private static boolean mayBeRefused(MeshMessage message) {
    return message instanceof Publish
        || message instanceof Forward
        || message instanceof Who
        || message instanceof Members
        || message instanceof Ask
        || message instanceof Answer;
  }

  private static long size(MeshMessage message) {
    return OVERHEAD
        + switch (message) {
          case Want m -> m.topic().length();
          case Unwant m -> m.topic().length();
          case Has m -> m.topic().length();
          case Gap m -> m.topic().length();
          case Publish m -> m.topic().length() + m.message().length;
          case Forward m -> m.topic().length() + m.message().length;
          case Passed m -> m.topic().length();
          case Begun m -> m.topic().length();
          case Claimed m -> (long) Long.BYTES * m.unheard().size();
          case Who m -> m.topic().length();
          case Members m -> {
            long members = 0;
            for (MeshMessage.Member each : m.members()) {
              members += OVERHEAD + each.principal().length() + each.about().length();
            }
            yield members;
          }
          case Offers m -> {
            long names = 0;
            for (String each : m.names()) {
              names += OVERHEAD + each.length();
            }
            yield names;
          }
          case Ask m -> m.name().length() + m.content().length;
          case Answer m -> m.content().length;
          case Synced _, Tail _, Ended _, TailDone _, Withdraw _, Withdrawn _, Reset _ -> 0;
        };
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  /** All that wait, in their order. */
  Iterable<MeshMessage> messages() {
    return messages.values();
  }

  /** Removes the first ones, which are sent. */
  void sent(int count) {
    var first = messages.values().iterator();
    for (int i = 0; i < count; i++) {
      MeshMessage message = first.next();
      long size = size(message);
      bytes -= size;
      if (mayBeRefused(message)) {
        refusableBytes -= size;
      }
      first.remove();
    }
  }

  /** Removes all. */
  void clear() {
    messages.clear();
    bytes = 0;
    refusableBytes = 0;
  }

  /** Of all that wait. */
  long bytes() {
    return bytes;
  }

  /** Of those that are never refused. */
  long controlBytes() {
    return bytes - refusableBytes;
  }
}
