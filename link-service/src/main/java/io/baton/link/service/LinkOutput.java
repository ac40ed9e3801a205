package io.baton.link.service;

import io.baton.link.TypeSet;
import io.baton.link.stream.OutgoingStream;
import java.nio.ByteBuffer;

/**
 * What a service hands to codec {@code link}. The objects that some outputs carry are of this
 * process: they do not move with the session.
 */
public sealed interface LinkOutput {
  /** Returns the bytes of memory that it counts for. */
  default int size() {
    return 0;
  }

  /**
   * A message for the other side, already encoded.
   *
   * @param channel name of the channel, which is opened if it is not open; empty for the session's
   *     own messages
   * @param types the sender's types; the codec announces them before their first message
   * @param bytes the record, from position to limit; not changed any more by anybody
   */
  record Message(String channel, TypeSet types, ByteBuffer bytes) implements LinkOutput {
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
   * A question for the other side, in the order of the channel's messages. It ends with one {@link
   * LinkInput.Reply} or {@link LinkInput.Failed}, unless it is cancelled before or the session ends
   * or moves.
   *
   * @param question by which its end is told
   */
  record Ask(String channel, Question question, TypeSet types, ByteBuffer bytes)
      implements LinkOutput {
    @Override
    public int size() {
      return bytes.remaining();
    }
  }

  /** Says that no answer to a question is waited for any more. */
  record Cancel(Question question) implements LinkOutput {}

  /**
   * The answer to a question of the other side; dropped if that is not open any more.
   *
   * @param ask as in {@link LinkInput.Ask}
   */
  record Reply(long ask, TypeSet types, ByteBuffer bytes) implements LinkOutput {
    @Override
    public int size() {
      return bytes.remaining();
    }
  }

  /**
   * Refuses to answer a question of the other side; dropped if that is not open any more.
   *
   * @param ask as in {@link LinkInput.Ask}
   * @param code as in {@link io.baton.link.Ending#code}
   */
  record Failed(long ask, int code, String text) implements LinkOutput {}

  /**
   * Shows in the handle from now on whether the channel takes messages; opens the channel if it is
   * not open.
   */
  record Channel(String name, ChannelRoom room) implements LinkOutput {}

  /** Ends a channel behind what was sent on it. */
  record EndChannel(String name) implements LinkOutput {}

  /** Begins to send a byte stream; the handle tells if that is not possible. */
  record Stream(OutgoingStream stream) implements LinkOutput {}

  /**
   * Objects that the codec keeps up to date from now on.
   *
   * @param untold takes the ends of transfers that nobody can be told any more because the session
   *     has ended
   * @param places counts the channels and streams of the service
   */
  record Shared(UntoldTransfers untold, ChannelPlaces places) implements LinkOutput {}

  /** Shows the other side's clock in the handle, and begins to take samples for it. */
  record Clock(ServedClock clock) implements LinkOutput {}

  /**
   * The end of the session, in order: what was sent before is delivered first. The last output.
   *
   * @param code as in {@link io.baton.link.Ending#code}
   */
  record Goodbye(int code, String text) implements LinkOutput {}
}
