package io.baton.worker.delivery;

import io.baton.worker.topics.Publication;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The topics of a worker whose publications go to sessions as messages, encoded once for all of
 * them. The deliveries of a publication come one after the other, so only the last encoding is
 * kept. Event loop only, but for {@link #put}.
 */
public final class Relays {
  /** Most of them in a worker. */
  static final int MAX_RELAYS = 100_000;

  /** A topic, by its whole name, and the class of its messages. */
  private record Key(String topic, Class<?> out) {}

  private final Map<Key, Function<byte[], ?>> encoders = new ConcurrentHashMap<>();

  /** What {@link #publication} is encoded as, by the class of the messages. */
  private final Map<Class<?>, Object> encoded = new HashMap<>(2);

  private @Nullable Publication publication;
  private long sent;
  private long refused;

  /**
   * Sets how a topic's publications are encoded for sessions that send messages of this class. Any
   * thread.
   *
   * @throws IllegalStateException if there are too many
   */
  <O> void put(String topic, Class<O> out, Function<byte[], O> encode) {
    Key key = new Key(topic, out);
    if (encoders.size() >= MAX_RELAYS && !encoders.containsKey(key)) {
      throw tooMany();
    }
    encoders.put(key, encode);
  }

  static IllegalStateException tooMany() {
    return new IllegalStateException("a worker relays %d topics at most".formatted(MAX_RELAYS));
  }

  /** Whether a publication goes to sessions that send messages of this class without a callback. */
  public boolean has(Publication publication, Class<?> out) {
    return !encoders.isEmpty() && encoders.containsKey(new Key(publication.topic(), out));
  }

  /**
   * Returns a copy of what a publication is encoded as, for one session, which releases it. What
   * the module's function throws comes out.
   */
  public Object encode(Publication of, Class<?> out) {
    if (!of.equals(publication)) {
      forget();
      publication = of;
    }
    Object once = encoded.get(out);
    if (once == null) {
      Function<byte[], ?> encode = Objects.requireNonNull(encoders.get(new Key(of.topic(), out)));
      once = out.cast(Objects.requireNonNull(encode.apply(of.message()), "relayed as null"));
      encoded.put(out, once);
    }
    return copy(once);
  }

  private static Object copy(Object message) {
    return switch (message) {
      case ByteBuf bytes -> bytes.retainedDuplicate();
      case ByteBufHolder holder -> holder.retainedDuplicate();
      case ReferenceCounted counted -> counted.retain();
      default -> message;
    };
  }

  /** Releases what was encoded last: for now there is nobody else to send it to. */
  void forget() {
    List<Object> last = List.copyOf(encoded.values());
    encoded.clear();
    publication = null;
    // A module may have released what it has returned: that is its sessions' end, and no more.
    last.forEach(ReferenceCountUtil::safeRelease);
  }

  /** Counts a message that a session was sent, or was not ready for. */
  public void count(boolean wasSent) {
    if (wasSent) {
      sent++;
    } else {
      refused++;
    }
  }

  long sent() {
    return sent;
  }

  long refused() {
    return refused;
  }
}
