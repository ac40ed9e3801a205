package io.baton.worker.pipe;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.pipe.Refusal;
import io.baton.posix.Fd;
import io.baton.posix.MemFd;
import io.baton.posix.PosixException;
import io.baton.worker.failure.FailureReason;
import java.nio.ByteBuffer;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens with each handoff: it is adopted or refused, and its answer goes into the batch. One
 * that brings a session is answered when that can go on, or cannot, which may take its time.
 *
 * <p>Event loop only.
 */
final class Reception {
  /** A saved session that came aside is not longer. */
  private static final int MAX_ASIDE = 512 * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

  private final Adopter adopter;
  private final Runnable answered;
  private final Batch batch = new Batch();
  private int undecided;
  private boolean draining;
  private boolean closed;
  private boolean complained;

  /**
   * @param answered runs when a session's answer came after its packet was dealt with
   */
  Reception(Adopter adopter, Runnable answered) {
    this.adopter = adopter;
    this.answered = answered;
  }

  /**
   * Takes one of the packet's handoffs, and its descriptors.
   *
   * @param used how many of them were those of the handoffs before it
   * @return how many are its
   */
  int receive(Handoff handoff, Packet packet, int used) throws MalformedMessageException {
    if (!adopter.knows(handoff)) {
      throw new MalformedMessageException("a handoff for an unknown listener: " + handoff);
    }
    int wanted = handoff.kind().descriptors();
    int end = used + wanted;
    boolean lost = end > packet.descriptors().size(); // the kernel passes on as many as it can
    if (lost && !packet.descriptorLost()) {
      throw new MalformedMessageException("a handoff without its descriptor: " + handoff);
    }
    if (lost) {
      batch.refuse(handoff, Refusal.NO_DESCRIPTORS, "");
    } else if (draining) {
      batch.refuse(handoff, Refusal.DRAINING, "");
    } else {
      adopt(handoff, packet.descriptors().subList(used, end));
    }
    return wanted;
  }

  private void adopt(Handoff handoff, List<Fd> descriptors) {
    try {
      switch (handoff.kind()) {
        case HandoffKind.Fresh _, HandoffKind.BeyondLimit _ ->
            batch.take(handoff, adopter.adopt(handoff, descriptors.getFirst()));
        case HandoffKind.Saved saved ->
            resume(
                handoff,
                bytes(saved.state(), descriptors),
                descriptors.subList(0, saved.clients()));
        case HandoffKind.Unserved unserved -> seek(handoff, unserved, descriptors);
      }
    } catch (RuntimeException | LinkageError | PosixException e) {
      if (handoff.kind() instanceof HandoffKind.Saved
          || handoff.kind() instanceof HandoffKind.Unserved) {
        complain(handoff, e);
        batch.refuse(handoff, Refusal.UNREADABLE, FailureReason.of(e, null));
      } else {
        LOG.debug("{} cannot be adopted", handoff, e);
        batch.refuse(handoff, Refusal.UNUSABLE, FailureReason.of(e, null));
      }
    }
  }

  private void seek(Handoff handoff, HandoffKind.Unserved unserved, List<Fd> descriptors)
      throws PosixException {
    Refusal why = adopter.whyNot(handoff, unserved);
    if (why == null) {
      ByteBuffer state = bytes(unserved.state(), descriptors);
      batch.take(handoff, adopter.adopt(handoff, state, descriptors.getFirst()));
    } else {
      batch.refuse(handoff, why, "");
    }
  }

  /**
   * Returns the bytes of a saved session's state.
   *
   * @param descriptors of the handoff: the last is the state's, if it comes aside
   */
  private static ByteBuffer bytes(HandoffKind.State state, List<Fd> descriptors)
      throws PosixException {
    return switch (state) {
      case HandoffKind.State.Inline inline -> inline.bytes();
      case HandoffKind.State.Aside _ ->
          ByteBuffer.wrap(MemFd.read(descriptors.getLast(), MAX_ASIDE));
    };
  }

  private void complain(Handoff handoff, Throwable why) {
    if (complained) {
      LOG.debug("session {} of {} cannot go on here", handoff.id(), handoff.peer(), why);
    } else {
      complained = true;
      LOG.warn(
          "session {} of {} cannot go on here and is refused: {}; further ones are only counted",
          handoff.id(),
          handoff.peer(),
          why.toString());
    }
  }

  private void resume(Handoff handoff, ByteBuffer state, List<Fd> connections) {
    Undecided verdict = new Undecided(handoff);
    adopter.resume(handoff, state, connections, verdict);
    undecided++;
    verdict.asked();
  }

  /** Refuses all that come from now on. */
  void drain() {
    draining = true;
  }

  /** Whether nothing waits for its answer to go out. */
  boolean isSettled() {
    return batch.isEmpty() && undecided == 0;
  }

  boolean isSent() {
    return batch.isEmpty();
  }

  /** Sends the answers there are, and starts what they say is taken. */
  Pipe.Sent settle(Pipe pipe) {
    return batch.settle(pipe);
  }

  /** Nobody can be told any more: none of them was ours. */
  void abandon() {
    closed = true;
    batch.abandon();
  }

  /** A session that may or may not go on here. */
  private final class Undecided implements Adopter.Verdict {
    private final Handoff handoff;
    private boolean asked;
    private boolean answeredEarly;

    Undecided(Handoff handoff) {
      this.handoff = handoff;
    }

    /** An answer from now on comes by itself, not while the packet is dealt with. */
    void asked() {
      asked = true;
      if (answeredEarly) {
        undecided--;
      }
    }

    @Override
    public void taken(Adopter.Connection connection) {
      if (closed) {
        connection.abandon();
      } else {
        batch.take(handoff, connection);
        answer();
      }
    }

    @Override
    public void refused(Refusal why, String reason) {
      if (!closed) {
        batch.refuse(handoff, why, reason);
        answer();
      }
    }

    private void answer() {
      if (asked) {
        undecided--;
        answered.run();
      } else {
        answeredEarly = true;
      }
    }
  }
}
