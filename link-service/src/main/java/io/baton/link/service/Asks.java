package io.baton.link.service;

import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The open questions of a session: of its service by their numbers, and of the other side. */
final class Asks {

  /** An ask of the service. */
  private record Own(int channel, Question question) {}

  private final Map<Long, Own> own = new HashMap<>(0);
  private final Map<Question, Long> numbers = new HashMap<>(0);

  /** The channels of the other side's asks. */
  private final Map<Long, Integer> peers = new HashMap<>(0);

  // ---- the service's ----

  /** Asks; returns what the service is to be told if that is not possible. */
  LinkInput.@Nullable Failed ask(LinkCore core, int channel, LinkOutput.Ask ask, int types) {
    if (!core.canAsk()) {
      return new LinkInput.Failed(
          ask.question(), LinkCode.TOO_MANY.number(), "1024 questions wait for an answer");
    }
    long number = channel < 0 ? -1 : core.ask(channel, types, ask.bytes());
    if (number < 0) {
      return new LinkInput.Failed(
          ask.question(), LinkCode.BYE.number(), "the session or the channel is closing");
    }
    own.put(number, new Own(channel, ask.question()));
    numbers.put(ask.question(), number);
    return null;
  }

  void cancel(LinkCore core, Question question) {
    Long number = numbers.remove(question);
    Own its = number == null ? null : own.remove(number);
    if (number != null && its != null) {
      var unused = core.cancel(its.channel(), number); // false: the answer is on its way
    }
  }

  /** Returns the question that an answer ends; null if nobody waits for it. */
  @Nullable Question answered(long number) {
    Own its = own.remove(number);
    if (its == null) {
      return null;
    }
    numbers.remove(its.question());
    return its.question();
  }

  // ---- the other side's ----

  void asked(long number, int channel) {
    peers.put(number, channel);
  }

  /** Returns whether it was open. */
  boolean cancelled(long number) {
    return peers.remove(number) != null;
  }

  void reply(LinkCore core, long number, int types, ByteBuffer bytes) {
    Integer channel = peers.get(number);
    if (channel != null) {
      var unused = core.reply(channel, number, types, bytes); // false: cancelled meanwhile
      peers.remove(number); // not if the message is too long: the service may refuse yet
    }
  }

  void fail(LinkCore core, long number, int code, String text) {
    Integer channel = peers.remove(number);
    if (channel != null) {
      var unused = core.fail(channel, number, code, text); // false: cancelled meanwhile
    }
  }
}
