package io.baton.link.service;

import io.baton.link.Incoming;
import io.baton.link.Transfer;
import io.baton.link.TypeSet;
import java.nio.ByteBuffer;

/**
 * What codec {@code link} hands to a service. Messages arrive still encoded: decoding happens in
 * the service's lane, with the module's own classes.
 */
public sealed interface LinkInput {
  /** Returns the bytes of memory that it counts for. */
  default int size() {
    return 0;
  }

  /**
   * A message of the other side.
   *
   * @param channel name of the channel that it came on; empty for the session's own messages
   * @param types the sender's types
   * @param bytes the record, from position to limit; belongs to the receiver
   */
  record Message(String channel, TypeSet types, ByteBuffer bytes) implements LinkInput {
    /** Makes one of the session's own messages. */
    public Message(TypeSet types, ByteBuffer bytes) {
      this("", types, bytes);
    }

    @Override
    public int size() {
      return bytes.remaining();
    }
  }

  /**
   * A question of the other side. It stays open until it is answered with a {@link
   * LinkOutput.Reply} or {@link LinkOutput.Failed} of its number, or {@link Cancelled}.
   *
   * @param ask its number
   * @param types the sender's types
   * @param bytes the record, from position to limit; belongs to the receiver
   */
  record Ask(long ask, TypeSet types, ByteBuffer bytes) implements LinkInput {
    @Override
    public int size() {
      return bytes.remaining();
    }
  }

  /**
   * The answer to a question of the service.
   *
   * @param question as given with {@link LinkOutput.Ask}
   * @param types the sender's types
   * @param bytes the record, from position to limit; belongs to the receiver
   */
  record Reply(Question question, TypeSet types, ByteBuffer bytes) implements LinkInput {
    @Override
    public int size() {
      return bytes.remaining();
    }
  }

  /**
   * A question of the service that is not answered: the other side refuses, or it could not be
   * asked.
   *
   * @param question as given with {@link LinkOutput.Ask}
   * @param code as in {@link io.baton.link.Ending#code}
   */
  record Failed(Question question, int code, String text) implements LinkInput {}

  /**
   * A question of the other side that waits for no answer any more.
   *
   * @param ask its number
   */
  record Cancelled(long ask) implements LinkInput {}

  /** A byte stream that the other side has opened, to be accepted or refused in this worker. */
  record Stream(Incoming stream) implements LinkInput {}

  /** The end of a stream from a file or into one. */
  record Transferred(Transfer transfer) implements LinkInput {}

  /**
   * The other side has ended the session. The last input.
   *
   * @param code as in {@link io.baton.link.Ending#code}
   */
  record Goodbye(int code, String text) implements LinkInput {}
}
