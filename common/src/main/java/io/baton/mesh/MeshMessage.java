package io.baton.mesh;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message between two workers, which a link delivers in the order they were sent.
 *
 * <p>A link whose outbox is full drops {@link Publish}, {@link Forward}, {@link Who} and {@link
 * Members}, takes no {@link Ask} and {@link Answer}, and nothing else. The sender then says by a
 * {@link Gap} or {@link Passed} up to which number publications are missing; who asks does not wait
 * for an answer for long. So that an outbox does not grow, a message that is still in it is removed
 * when a later one says the same better, which goes to the end: a {@link Want} or {@link Unwant}
 * another one of the same topic, a {@link Has} or {@link Gap} its like of the same topic, a {@link
 * Passed} its like of the same session, move, publisher and topic, an {@link Offers} its like. If
 * more than may waits all the same, everything gives way to a {@link Reset}.
 *
 * <p>Publications are numbered per publishing worker and topic. Of two numbers, the higher is the
 * later publication. They are consecutive as long as somebody wants the topic; see {@link
 * #sameRun}.
 */
public sealed interface MeshMessage {
  /** Longest topic, in bytes of UTF-8. */
  int MAX_TOPIC_BYTES = 255;

  /** Longest message that is published, in bytes. */
  int MAX_MESSAGE_BYTES = 64 * 1024;

  /** Most members in a {@link Members}. */
  int MAX_MEMBERS = 64;

  /** Longest text that a session may say about itself, in bytes of UTF-8. */
  int MAX_ABOUT_BYTES = 256;

  /** Most names in an {@link Offers}. */
  int MAX_OFFERS = 128;

  /** As many as there may be workers. */
  int MAX_UNHEARD = 255;

  /** Low bits of a number, which count the publications of a run. */
  int RUN_BITS = 40;

  /** Says in a {@link Has} that the wish is not granted. */
  long REFUSED = -1;

  /**
   * Whether the difference of two numbers of the same publisher and topic is the number of
   * publications between them. If not, nobody wanted the topic for a while in between, and nobody
   * knows how many there were.
   */
  static boolean sameRun(long a, long b) {
    return a >>> RUN_BITS == b >>> RUN_BITS;
  }

  /**
   * What the sender had to say and had not sent is lost, because more of it waited than may. Both
   * begin anew: behind this message the sender says what it says to a newcomer, in place of all
   * that it has said before, and so does the receiver. What either has asked the other has no
   * answer any more. Publications that are lost are known by their numbers, as soon as a {@link
   * Has} or {@link Passed} says how far they have come.
   */
  record Reset() implements MeshMessage {}

  /** The sender has said all that it has to say to a newcomer. */
  record Synced() implements MeshMessage {}

  /**
   * The sender wants all that is published of the topic; answered by {@link Has}.
   *
   * @param epoch another one whenever the sender begins to want the topic anew
   */
  record Want(String topic, int epoch) implements MeshMessage {}

  /**
   * The sender will publish to the one who asked all from number n + 1 on.
   *
   * @param epoch that of the {@link Want}
   * @param n number of the last publication; {@link #REFUSED} if the sender has no memory to note
   *     the wish, and will publish nothing to the one who asked unless that asks again
   */
  record Has(String topic, int epoch, long n) implements MeshMessage {}

  /** The sender does not want the topic any more. */
  record Unwant(String topic) implements MeshMessage {}

  /**
   * A publication of the sender.
   *
   * @param n its number
   * @param message at most {@value #MAX_MESSAGE_BYTES} bytes, which nobody changes
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Publish(String topic, long n, byte[] message) implements MeshMessage {}

  /** The sender's publications up to number n have been sent or dropped. */
  record Gap(String topic, long n) implements MeshMessage {}

  /**
   * The sender goes on with a session that has moved there, and wants what the receiver has kept
   * for it since; answered by what there is, and then by what still comes.
   *
   * @param session its number, which is unique as long as the server runs
   * @param move how often it had moved
   */
  record Tail(long session, int move) implements MeshMessage {}

  /**
   * A publication for a session that has moved.
   *
   * @param publisher number of the worker that published it
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Forward(long session, int move, long publisher, String topic, long n, byte[] message)
      implements MeshMessage {}

  /** No publication of this publisher and topic up to number n will be forwarded any more. */
  record Passed(long session, int move, long publisher, String topic, long n)
      implements MeshMessage {}

  /**
   * The publisher has said its last number n for the topic, which it had not when the session was
   * saved: what it has published since will be forwarded.
   */
  record Begun(long session, int move, long publisher, String topic, long n)
      implements MeshMessage {}

  /**
   * The claim has been answered: with all that was kept, and, of each worker that is there, where
   * it has begun; but those have not answered yet, of which the session needs to hear, too.
   *
   * @param unheard at most {@value #MAX_UNHEARD}
   */
  record Claimed(long session, int move, List<Long> unheard) implements MeshMessage {
    public Claimed {
      unheard = List.copyOf(unheard);
    }
  }

  /**
   * From the session's former worker: the publisher has died, or never was there, so nothing more
   * of it will be forwarded. From its new worker: the publisher has died there, and the former one
   * has not said a word of it; perhaps it never will, for it may be younger.
   */
  record Ended(long session, int move, long publisher) implements MeshMessage {}

  /**
   * From the session's new worker: it needs no more forwards. From its former worker: there are no
   * more.
   */
  record TailDone(long session, int move) implements MeshMessage {}

  /**
   * Asks for the topic's subscribers in the receiving worker.
   *
   * @param question number of the question, which the answer repeats
   */
  record Who(long question, String topic) implements MeshMessage {}

  /**
   * Some of the subscribers that the sender has, or had not long ago.
   *
   * @param last whether no more of them follow
   * @param all in the last one: how many subscribers there are, those of all parts included, and
   *     those that the sender does not name; who has got fewer knows how many are left out
   * @param members at most {@value #MAX_MEMBERS}
   */
  record Members(long question, boolean last, int all, List<Member> members)
      implements MeshMessage {
    public Members {
      members = List.copyOf(members);
    }
  }

  /**
   * A subscriber. While a session moves, two workers name it, and perhaps a third one to which it
   * went before: the one with the highest move is right, and of the same move the one with the
   * later stay.
   *
   * @param session its session's number
   * @param move how often it had moved, or tried to
   * @param isAway whether it waits for its client
   * @param principal what its client is known by; empty if that is not known
   * @param about what it says about itself; empty if it has not said anything
   */
  record Member(
      long session, int move, Stay stay, boolean isAway, String principal, String about) {}

  /** Where a subscriber is. */
  enum Stay {
    /** It is about to move from here, or has just left. */
    LEAVING,
    /** It is here. */
    HERE,
    /** It has come here not long ago, and has ended or unsubscribed since. */
    ENDED
  }

  /**
   * All services that the sender offers, in place of what it has said before.
   *
   * @param n number of the list among all that the sender has said; the latest has the highest
   * @param slot of the sender
   * @param leaving whether others are to be asked, if there are any
   * @param load number of questions that the sender answers
   * @param names at most {@value #MAX_OFFERS}, each as long as a topic at most
   */
  record Offers(long n, int slot, boolean leaving, int load, List<String> names)
      implements MeshMessage {
    public Offers {
      names = List.copyOf(names);
    }
  }

  /**
   * The sender is to be asked nothing from now on, and offers nothing any more; answered by {@link
   * Withdrawn}.
   */
  record Withdraw() implements MeshMessage {}

  /** The sender will ask the receiver nothing any more. */
  record Withdrawn() implements MeshMessage {}

  /**
   * A question to a service of the receiver; answered by {@link Answer}.
   *
   * @param question its number, which the answer repeats
   * @param name of the service, as long as a topic at most
   * @param key by which the receiver was chosen, as long as a topic at most
   * @param timeoutMs after which the sender wants no answer any more
   * @param content at most {@value #MAX_MESSAGE_BYTES} bytes, which nobody changes
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Ask(long question, String name, @Nullable String key, int timeoutMs, byte[] content)
      implements MeshMessage {}

  /**
   * The outcome of a question.
   *
   * @param load number of questions that the sender answers
   * @param content the answer, or a text in UTF-8 about the failure; otherwise empty
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Answer(long question, Verdict verdict, int load, byte[] content) implements MeshMessage {}

  /** The kinds of answers. */
  enum Verdict {
    /** The service has answered. */
    ANSWERED(1),
    /** The service has failed. */
    FAILED(2),
    /** The sender has too much to do; the service was not asked. */
    OVERLOADED(3),
    /** The sender does not offer the service, or not any more. */
    DECLINED(4);

    final int code;

    Verdict(int code) {
      this.code = code;
    }
  }
}
