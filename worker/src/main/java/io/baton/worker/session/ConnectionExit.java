package io.baton.worker.session;

import io.baton.codec.Saved;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.State;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.Message;
import io.baton.pipe.Pipe;
import io.baton.service.SessionKey;
import io.baton.worker.identity.IdentityForm;
import io.baton.worker.migration.MigrationScheduler;
import io.baton.worker.migration.SavedSession;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The way out of a connection on which no session has begun, because its client wants one that is
 * not here. It has no state of its own. Event loop only.
 *
 * @param life of the session that will not be
 */
record ConnectionExit(SessionLifecycle life) {

  /**
   * Gives the connection to the manager.
   *
   * @param beyondLimit whether it does not count
   * @param codec what the codec of the protocol that is spoken goes on with
   * @return false if it cannot be given now: it goes on here
   */
  boolean leave(SessionKey wanted, boolean beyondLimit, Saved codec, MigrationScheduler.Way way) {
    Carrier carrier = life.carrier();
    carrier.read(false);
    Optional<ByteBuffer> cover = carrier.giveCover();
    Optional<ByteBuffer> unsent = carrier.unsent();
    if (cover.isPresent() && unsent.isPresent()) {
      ByteBuffer state = saved(codec, unsent.get(), cover.get()).encode(SavedSession.READ);
      if (state.remaining() <= Message.MAX_INLINE_STATE) {
        Unserved kind = new Unserved(wanted, Search.ASK, new State.Inline(state), beyondLimit);
        if (give(kind, carrier, way)) {
          return true;
        }
      }
    }
    carrier.takeCoverBack();
    carrier.read(true);
    return false;
  }

  private SavedSession saved(Saved codec, ByteBuffer unsent, ByteBuffer cover) {
    String protocol = life.service().protocol().name();
    ByteBuffer identity = IdentityForm.write(life.identity());
    return SavedSession.carrier(protocol, codec, unsent, cover, identity);
  }

  private boolean give(Unserved kind, Carrier carrier, MigrationScheduler.Way way) {
    Message.Handoff handoff = life.facts().as(kind);
    return carrier.lend(client -> way.give(handoff, client)) == Pipe.Sent.YES;
  }
}
