package io.baton.manager.process;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Pipe;
import io.baton.posix.Fd;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients that were placed on one worker in a row, until they go out together: one packet costs one
 * system call at either end, however many it brings. A client with a state goes alone.
 */
final class Placed {
  private final List<Handoff> handoffs = new ArrayList<>();
  private final List<Fd> descriptors = new ArrayList<>();

  boolean isEmpty() {
    return handoffs.isEmpty();
  }

  /** Whether this one can go with those that are there. */
  boolean fits(Handoff next) {
    return handoffs.isEmpty()
        || (handoffs.size() < Message.MAX_HANDOFFS
            && isPlain(next)
            && isPlain(handoffs.getFirst()));
  }

  private static boolean isPlain(Handoff handoff) {
    return switch (handoff.kind()) {
      case HandoffKind.Fresh _, HandoffKind.BeyondLimit _ -> true;
      case HandoffKind.Saved _ -> false;
    };
  }

  void add(Handoff handoff, List<Fd> its) {
    handoffs.add(handoff);
    descriptors.addAll(its);
  }

  /**
   * Sends them.
   *
   * @return those that were not sent, because the pipe is full or the worker gone: all or none
   */
  List<Handoff> send(Pipe pipe) {
    boolean sent = pipe.send(handoffs, descriptors) == Pipe.Sent.YES;
    List<Handoff> left = sent ? List.of() : List.copyOf(handoffs);
    handoffs.clear();
    descriptors.clear();
    return left;
  }
}
