package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.worker.topics.SubscriptionGraph.Mark;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a session has got of its topics when it leaves a worker: a section of a saved session. Other
 * releases read its bytes: the layout is never changed.
 *
 * <pre>
 *   i64 from, i32 move,
 *   u8 dead workers (at most 254), for each: i64 its number,
 *   u8 publishers (at most 255), for each: i64 its number, which rise,
 *   u16 topics (at most 1000), for each: u8 length and name in UTF-8, for each publisher: i64 n, or -1,
 *   and if the session says anything about itself, for each topic: u16 length and text in UTF-8,
 *   and if it may have missed something: the same, although all texts may be empty, and for each
 *   topic: u8 1 if of this one, or else 0
 * </pre>
 *
 * <p>All numbers are little-endian.
 *
 * @param from number of the worker that has saved it
 * @param move how often the session has been frozen so far
 * @param dead workers of which the session has got all that there was, whatever others still hear
 */
public record TopicPositions(long from, int move, List<Long> dead, List<TopicPosition> topics) {
  private static final int MAX_PUBLISHERS = InterestTable.MAX_NEIGHBOURS + 1;

  /**
   * A topic that the session has subscribed.
   *
   * @param about what the session says about itself
   * @param isUnsure whether it may have missed something, and has not been told
   * @param marks what it has got of each publisher
   */
  record TopicPosition(String topic, String about, boolean isUnsure, List<Mark> marks) {
    TopicPosition {
      marks = List.copyOf(marks);
    }
  }

  /** In the place of a worker's number: what others have published there is numbered otherwise. */
  private static final long OTHER_MACHINE = Long.MAX_VALUE;

  public TopicPositions {
    dead = List.copyOf(dead);
    topics = List.copyOf(topics);
  }

  /** Returns what another machine can do with them: the topics, and nothing of what was got. */
  public TopicPositions forOtherMachine() {
    return new TopicPositions(
        OTHER_MACHINE,
        move,
        List.of(),
        topics.stream()
            .map(each -> new TopicPosition(each.topic, each.about, false, List.of()))
            .toList());
  }

  /** Whether they come from another machine. */
  public boolean isOfOtherMachine() {
    return from == OTHER_MACHINE;
  }

  /** Returns what the session says about itself, by topic. */
  public Map<String, String> subscriptions() {
    Map<String, String> all = new LinkedHashMap<>();
    topics.forEach(each -> all.put(each.topic, each.about));
    return all;
  }

  /** Returns its bytes. */
  public ByteBuffer encode() {
    List<Long> publishers = publishers();
    int size = Long.BYTES + Integer.BYTES + 2 + Short.BYTES;
    size += (dead.size() + publishers.size()) * Long.BYTES;
    List<byte[]> names = new ArrayList<>(topics.size());
    for (TopicPosition each : topics) {
      byte[] name = each.topic.getBytes(StandardCharsets.UTF_8);
      names.add(name);
      size += 1 + name.length + publishers.size() * Long.BYTES;
    }
    List<byte[]> abouts = abouts();
    size += abouts.stream().mapToInt(each -> Short.BYTES + each.length).sum();
    size += isUnsure() ? topics.size() : 0;
    ByteBuffer to = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    to.putLong(from).putInt(move).put((byte) dead.size());
    dead.forEach(to::putLong);
    to.put((byte) publishers.size());
    publishers.forEach(to::putLong);
    to.putShort((short) topics.size());
    for (int i = 0; i < topics.size(); i++) {
      to.put((byte) names.get(i).length).put(names.get(i));
      for (long publisher : publishers) {
        to.putLong(mark(topics.get(i), publisher));
      }
    }
    abouts.forEach(each -> to.putShort((short) each.length).put(each));
    if (isUnsure()) {
      topics.forEach(each -> to.put((byte) (each.isUnsure ? 1 : 0)));
    }
    return to.flip();
  }

  private boolean isUnsure() {
    return topics.stream().anyMatch(TopicPosition::isUnsure);
  }

  /** Returns what the session says about itself, by topic; nothing if that is nothing. */
  private List<byte[]> abouts() {
    return !isUnsure() && topics.stream().allMatch(each -> each.about.isEmpty())
        ? List.of()
        : topics.stream().map(each -> each.about.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /**
   * Returns the publishers that are written: of very many, those of this machine rather than of
   * others, and of these the ones that came last.
   */
  private List<Long> publishers() {
    TreeSet<Long> all = new TreeSet<>();
    topics.forEach(topic -> topic.marks.forEach(mark -> all.add(mark.publisher())));
    while (all.size() > MAX_PUBLISHERS) {
      if (RemotePublications.isRemote(all.last())) {
        all.pollLast();
      } else {
        all.pollFirst();
      }
    }
    return List.copyOf(all);
  }

  private static long mark(TopicPosition topic, long publisher) {
    for (Mark each : topic.marks) {
      if (each.publisher() == publisher) {
        return each.n();
      }
    }
    return SubscriptionGraph.NONE;
  }

  /**
   * Reads what {@link #encode} wrote, here or in another release.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  public static TopicPositions decode(ByteBuffer bytes) {
    ByteBuffer from = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    try {
      long worker = notNegative(from.getLong(), "a worker");
      int move = (int) notNegative(from.getInt(), "a move");
      List<Long> dead = dead(from);
      List<Long> publishers = publishers(from);
      int count = Short.toUnsignedInt(from.getShort());
      if (count > TopicLimits.SESSION_TOPICS) {
        throw malformed(count + " topics");
      }
      List<TopicPosition> topics = new ArrayList<>();
      Set<String> names = new HashSet<>();
      while (topics.size() < count) {
        TopicPosition topic = topic(from, publishers);
        if (!names.add(topic.topic)) {
          throw malformed("a topic twice");
        }
        topics.add(topic);
      }
      if (from.hasRemaining()) {
        topics.replaceAll(each -> new TopicPosition(each.topic, about(from), false, each.marks));
        if (from.hasRemaining()) {
          topics.replaceAll(
              each -> new TopicPosition(each.topic, each.about, flag(from), each.marks));
          if (topics.stream().noneMatch(TopicPosition::isUnsure)) {
            throw malformed("flags that are all 0");
          }
        } else if (topics.stream().allMatch(each -> each.about.isEmpty())) {
          throw malformed("texts about a session that are all empty");
        }
      }
      if (from.hasRemaining()) {
        throw malformed(from.remaining() + " bytes too many");
      }
      return new TopicPositions(worker, move, dead, topics);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("positions of topics that end too early", e);
    }
  }

  private static List<Long> dead(ByteBuffer from) {
    int count = Byte.toUnsignedInt(from.get());
    if (count > Neighbours.MAX_DEAD) {
      throw malformed(count + " dead workers");
    }
    List<Long> dead = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      dead.add(notNegative(from.getLong(), "a dead worker"));
    }
    return dead;
  }

  private static List<Long> publishers(ByteBuffer from) {
    int count = Byte.toUnsignedInt(from.get());
    if (count > MAX_PUBLISHERS) {
      throw malformed(count + " publishers");
    }
    List<Long> publishers = new ArrayList<>(count);
    long before = -1;
    for (int i = 0; i < count; i++) {
      long publisher = from.getLong();
      if (publisher <= before) {
        throw malformed("publishers that do not rise");
      }
      publishers.add(publisher);
      before = publisher;
    }
    return publishers;
  }

  private static TopicPosition topic(ByteBuffer from, List<Long> publishers) {
    byte[] name = new byte[Byte.toUnsignedInt(from.get())];
    if (name.length == 0) {
      throw malformed("a topic without a name");
    }
    from.get(name);
    List<Mark> marks = new ArrayList<>(publishers.size());
    for (long publisher : publishers) {
      long n = from.getLong();
      if (n < SubscriptionGraph.NONE) {
        throw malformed("a number of " + n);
      }
      if (n != SubscriptionGraph.NONE) {
        marks.add(new Mark(publisher, n));
      }
    }
    return new TopicPosition(text(name), "", false, marks);
  }

  private static boolean flag(ByteBuffer from) {
    int flag = Byte.toUnsignedInt(from.get());
    if (flag > 1) {
      throw malformed("a flag of " + flag);
    }
    return flag == 1;
  }

  private static String about(ByteBuffer from) {
    int length = Short.toUnsignedInt(from.getShort());
    if (length > MeshMessage.MAX_ABOUT_BYTES) {
      throw malformed("a text of %d bytes about a session".formatted(length));
    }
    byte[] about = new byte[length];
    from.get(about);
    return text(about);
  }

  private static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("positions of topics with a text that is not UTF-8", e);
    }
  }

  private static long notNegative(long number, String what) {
    if (number < 0) {
      throw malformed(what + " of " + number);
    }
    return number;
  }

  private static IllegalArgumentException malformed(String what) {
    return new IllegalArgumentException("positions of topics with " + what);
  }
}
