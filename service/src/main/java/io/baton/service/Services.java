package io.baton.service;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The named services of a module, by which its workers ask each other. A worker {@linkplain #offer
 * offers} a service under a name, any worker of the server {@linkplain #ask asks} it, and one of
 * those that offer the name answers. If the server has a broker, workers of all machines are meant.
 *
 * <p><b>Who is asked.</b> With a key, always the same worker as long as the same slots offer the
 * name: a worker that replaces another in its slot takes over that one's keys, and one that comes
 * or goes moves only its own. While a worker is replaced, both it and its successor may be asked
 * for the same key for a moment. Without a key, the less busy of two of this machine that are
 * chosen at random; of other machines, only if none of this one offers the name, or has much to do.
 *
 * <p><b>Guarantees.</b> A question is answered at most once, and is never given to a second worker
 * once the first may have begun. Each ask has one outcome: an answer, or an {@link AskException}. A
 * worker that is replaced answers what it was asked, and whoever asks later asks its successor.
 *
 * <p>A name is any text of 1 to {@value #MAX_NAME_BYTES} bytes in UTF-8 without control characters;
 * it is the module's own. A key is any text of at most {@value #MAX_KEY_BYTES} bytes.
 */
public interface Services {
  /** Longest name, in bytes of UTF-8. */
  int MAX_NAME_BYTES = Topics.MAX_TOPIC_BYTES;

  /** Longest key, in bytes of UTF-8. */
  int MAX_KEY_BYTES = 255;

  /** Longest question and longest answer, in bytes. */
  int MAX_MESSAGE_BYTES = 64 * 1024;

  /** Most names that the modules of a worker offer together. */
  int MAX_OFFERS = 128;

  /** Longest time that an answer may take. */
  Duration MAX_TIMEOUT = Duration.ofHours(1);

  /** An offer or a watch, until it is closed. Any thread. */
  interface Registration extends AutoCloseable {

    /** Ends it; does nothing if it has ended. */
    @Override
    void close();
  }

  /**
   * Offers a service in this worker, from when the worker is ready until the registration is closed
   * or the worker ends. Any thread.
   *
   * @throws IllegalArgumentException if the name is not as it has to be
   * @throws IllegalStateException if this worker offers the name already, or too many names
   */
  Registration offer(String name, Responder responder);

  /**
   * Asks one of the workers that offer the name, this one included. Any thread; never waits.
   *
   * <p>What depends on the returned stage runs in a virtual thread, where it may block, or in the
   * calling thread if the ask has ended by then. A session whose answer depends on it {@linkplain
   * Session#hold holds} the message meanwhile, so that it does not move.
   *
   * @param key chooses who is asked; null for any
   * @param question from here on nobody may change it
   * @param timeout more than 0 and at most an hour; it may be exceeded by some hundredths of a
   *     second
   * @return the answer, which nobody may change; or an {@link AskException}
   * @throws IllegalArgumentException if anything is not as it has to be
   */
  CompletionStage<byte[]> ask(String name, @Nullable String key, byte[] question, Duration timeout);

  /**
   * Tells who offers a name: now, and whenever that or the load of any of them changes. The list
   * has one offer a slot, in the slots' order, this machine's before those of others; while there
   * is no connection to the broker, it has no others. Only the latest state is told, so not each
   * change may be seen. Any thread.
   *
   * @param changed is called in a virtual thread, where it may block, with one list at a time
   * @throws IllegalArgumentException if the name is not as it has to be
   * @throws IllegalStateException if the modules of this worker have too many watches, which are
   *     1,000
   */
  Registration watch(String name, Consumer<List<ServiceOffer>> changed);

  /**
   * Checks a question, as {@link #ask} does.
   *
   * @return what a responder is given
   * @throws IllegalArgumentException if anything is not as it has to be
   */
  static ServiceQuestion requireAsk(
      String name, @Nullable String key, byte[] question, Duration timeout) {
    if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(MAX_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "a timeout is more than 0 and at most %s, not %s".formatted(MAX_TIMEOUT, timeout));
    }
    return new ServiceQuestion(name, key, question);
  }

  /**
   * Checks the name of a service.
   *
   * @return the name
   * @throws IllegalArgumentException if it is not as it has to be
   */
  static String requireName(String name) {
    return ServiceQuestion.requireName(name);
  }
}
