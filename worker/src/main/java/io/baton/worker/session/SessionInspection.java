package io.baton.worker.session;

import io.baton.codec.Flow;
import io.baton.codec.UnderWay;
import java.util.function.Function;

/**
 * The view of one session for the status. It changes nothing: a codec that fails while it is asked
 * ends its session in a later turn of the event loop. Event loop only.
 */
record SessionInspection(SessionLifecycle life) {

  /** Returns the streams and asks that the codec has open. */
  UnderWay underWay() {
    return ask(Flow::underWay, UnderWay.NONE);
  }

  private <T> T ask(Function<Flow, T> question, T otherwise) {
    try {
      return question.apply(life.service().flow());
    } catch (RuntimeException e) {
      life.loop().execute(() -> life.ending().failInTurn(e));
      return otherwise;
    }
  }
}
