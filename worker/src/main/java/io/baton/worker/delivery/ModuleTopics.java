package io.baton.worker.delivery;

import io.baton.service.Presence;
import io.baton.service.Principal;
import io.baton.service.Publication;
import io.baton.service.SessionId;
import io.baton.service.Topics;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The topics of one module, which are no other's: their names in the worker begin with its own.
 *
 * @param prefix of the names in the worker
 */
public record ModuleTopics(String prefix, TopicPublisher publisher) implements Topics {
  /** Ends the module's name; a topic's name has no control characters. */
  private static final char END = '\0';

  /** Begins the topics of single sessions and users, which no service can name likewise. */
  private static final char DIRECT = '\1';

  private static final String SESSION = DIRECT + "session/";

  /** Longest name of a user that is part of a topic's name, in bytes of UTF-8. */
  private static final int MAX_USER_BYTES = 150;

  /** Longest name of a module with topics or services, in bytes of UTF-8. */
  private static final int MAX_MODULE_BYTES = 64;

  /**
   * Returns the topics of a module.
   *
   * @throws IllegalArgumentException if its name is too long
   */
  public static ModuleTopics of(String module, TopicPublisher publisher) {
    return new ModuleTopics(prefix(module), publisher);
  }

  /**
   * Returns what the names of a module's topics and services begin with.
   *
   * @throws IllegalArgumentException if its name is too long
   */
  public static String prefix(String module) {
    int bytes = module.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_MODULE_BYTES) {
      throw new IllegalArgumentException(
          "a module that uses topics or services has a name of at most %d bytes in UTF-8, %s has %d"
              .formatted(MAX_MODULE_BYTES, module, bytes));
    }
    return module + END;
  }

  /** Returns the topic, in the worker, of all that is sent to a session. */
  public static String session(String prefix, SessionId session) {
    return prefix + SESSION + session;
  }

  /** Returns the topic, in the worker, of all that is sent to a user. */
  public static String user(String prefix, String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    return utf8.length <= MAX_USER_BYTES
        ? prefix + DIRECT + "user/" + name
        : prefix + DIRECT + "user of hash/" + HexFormat.of().formatHex(sha256(utf8));
  }

  private static byte[] sha256(byte[] of) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(of);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has it", e);
    }
  }

  /** Whether a topic, without the module's prefix, is that of a session or a user. */
  public static boolean isDirect(String topic) {
    return !topic.isEmpty() && topic.charAt(0) == DIRECT;
  }

  /** Whether a topic, with its module's prefix, is that of one session. */
  static boolean isOfSession(String topic) {
    return topic.startsWith(SESSION, topic.indexOf(END) + 1);
  }

  @Override
  public CompletionStage<Boolean> send(SessionId to, byte[] message) {
    return publisher.send(session(prefix, to), Publication.requireLength(message));
  }

  @Override
  public CompletionStage<Boolean> send(Principal to, byte[] message) {
    return publisher.send(user(prefix, to.name()), Publication.requireLength(message));
  }

  @Override
  public CompletionStage<Presence> present(String topic) {
    return publisher.present(prefix + Topics.requireName(topic));
  }

  @Override
  public <O> void relay(String topic, Class<O> out, Function<byte[], O> encode) {
    publisher.relay(prefix + Topics.requireName(topic), out, encode);
  }

  @Override
  public boolean publish(String topic, byte[] message) {
    Publication checked = new Publication(topic, message);
    return publisher.publish(prefix + checked.topic(), checked.message());
  }
}
