package io.baton.service;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The topics of a module. What is published to one reaches all sessions that have {@linkplain
 * Session#subscribe subscribed} to it, of whatever listener, protocol and worker of this server, as
 * long as their service is of the same module.
 *
 * <p>A topic exists while somebody publishes or subscribes to it; nobody makes it. Its name is any
 * text of 1 to {@value #MAX_TOPIC_BYTES} bytes in UTF-8 without control characters, such as {@code
 * room/42}; there are no wildcards.
 *
 * <p><b>Guarantees.</b>
 *
 * <ul>
 *   <li>A subscriber gets a publication at most once.
 *   <li>It gets those of one worker to one topic in the order in which they were published. Between
 *       those of several workers, and of several topics, there is no order.
 *   <li>It gets all of them from when its subscription has reached the publishing worker, which
 *       takes one message to it, or it is told how many it did not get: {@link Subscriber#missed}.
 *   <li>Moving to another worker changes none of that.
 *   <li>Nothing is stored: who subscribes later does not get it, and what is under way in a process
 *       that is killed is lost.
 * </ul>
 *
 * <p>Who may publish and subscribe is the service's to decide: every service of the module may.
 */
public interface Topics {
  /** Longest name of a topic, in bytes of UTF-8. */
  int MAX_TOPIC_BYTES = 190;

  /** Longest message, in bytes. */
  int MAX_MESSAGE_BYTES = 64 * 1024;

  /**
   * Publishes a message. Any thread. Never waits for a subscriber; called on a virtual thread it
   * may wait for up to 100 ms while this worker has much to publish.
   *
   * @param message from here on nobody may change it
   * @return false if it is already known that not everybody will get it: this worker, or another
   *     one that has subscribers, is behind, or is not there yet or any more; or other machines
   *     cannot be reached, whether or not they have subscribers. Subscribers are told what they
   *     have missed
   * @throws IllegalArgumentException if the topic's name or the message is not as it has to be
   */
  boolean publish(String topic, byte[] message);

  /**
   * Has a topic's publications sent to its subscribers, without {@link Subscriber#published}: each
   * is encoded once in a worker, however many sessions it goes to. That holds for this worker, from
   * now on as long as it runs, so a module says it in {@link Module#start}, or a service when it
   * subscribes and when it is resumed. Said again, the later function replaces the earlier one.
   *
   * <p>It applies to sessions whose codec sends messages of exactly this class, and whose service
   * is not {@link Replaying}: all others get the callback. A session whose client takes too little,
   * or is away, is not sent the message; it is told by {@link Subscriber#missed} once it is
   * {@linkplain Session#writable writable} again. A message may overtake others that the service
   * sends at the same time.
   *
   * @param out class of the messages that the codec sends, such as {@code WebSocketFrame}
   * @param encode makes a message of a publication's bytes, which it must not change. It is called
   *     on the event loop and must not block. What is counted, such as Netty's buffers, is sent to
   *     each session as a retained duplicate. If it throws, the sessions end with {@link
   *     CloseReason#ERROR}, as if their service had
   * @throws IllegalStateException if this worker relays 100,000 topics already
   * @throws IllegalArgumentException if the topic's name is not as it has to be
   */
  <O> void relay(String topic, Class<O> out, Function<byte[], O> encode);

  /**
   * Asks all workers, of all machines, who has subscribed to a topic. Any thread. What another
   * worker has not answered within half a second is left out, and the answer says so. Those who ask
   * while a question about the same topic is under way share the next one, so that an answer takes
   * a second at most, and is never older than its question. If 10,000 wait for answers already,
   * nobody is listed, and all workers count as silent.
   *
   * <p>Every session is listed that has the subscription from before the question until after the
   * answer. One that was in a process that has died may still be listed for two seconds, if it had
   * moved from there just before.
   *
   * @return completed by a virtual thread, in which what depends on it may block; what is made to
   *     depend on it later runs in the calling thread. That is in no session's lane, but {@link
   *     Session#after} leads there. Never fails
   * @throws IllegalArgumentException if the topic's name is not as it has to be
   */
  CompletionStage<Presence> present(String topic);

  /**
   * Sends a message to one session of this module's services, on whatever machine it is, if it is
   * {@linkplain Session#addressable addressable}. Its service gets it by {@link Subscriber#sent},
   * with all that topics guarantee: it moves along, arrives at most once and in order, and if it is
   * lost the service is told so.
   *
   * <p>Any thread; may wait as {@link #publish} does.
   *
   * @param message from here on nobody may change it
   * @return completed with true if the message is on its way; with false if it is known that it
   *     does not arrive, such as because no worker knows such a session, or not yet. What has been
   *     sent to other machines counts as on its way, whether or not any of them knows the session.
   *     On the event loop it is completed at once, elsewhere by a virtual thread. Never fails
   * @throws IllegalArgumentException if the message is too long
   */
  CompletionStage<Boolean> send(SessionId to, byte[] message);

  /**
   * The same for all addressable sessions of a user, which are as many as the user has devices: all
   * whose principal had this name when they became addressable.
   */
  CompletionStage<Boolean> send(Principal to, byte[] message);

  /**
   * Checks the name of a topic.
   *
   * @return the name
   * @throws IllegalArgumentException if it is not as it has to be
   */
  static String requireName(String topic) {
    byte[] utf8 = topic.getBytes(StandardCharsets.UTF_8);
    int bytes = utf8.length;
    if (bytes == 0 || bytes > MAX_TOPIC_BYTES) {
      throw new IllegalArgumentException(
          "a topic's name has 1 to %d bytes in UTF-8, this one %d"
              .formatted(MAX_TOPIC_BYTES, bytes));
    }
    if (topic.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a topic's name has no control characters");
    }
    if (!new String(utf8, StandardCharsets.UTF_8).equals(topic)) {
      throw new IllegalArgumentException("a topic's name has no half of a surrogate pair");
    }
    return topic;
  }
}
