package io.baton.worker.session;

import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.State;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.Message;
import io.baton.pipe.Pipe;
import io.baton.service.SessionKey;
import io.baton.worker.identity.IdentityForm;
import io.baton.worker.migration.MigrationScheduler;
import io.baton.worker.migration.SavedSession;
import io.netty.buffer.ByteBuf;
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
   * Gives the connection to the manager. Whoever gets it reads everything again that the protocol
   * has read which is spoken.
   *
   * @param beyondLimit whether it does not count
   * @param read all that the client has sent
   * @return false if it cannot be given now: it goes on here
   */
  boolean leave(SessionKey wanted, boolean beyondLimit, ByteBuf read, MigrationScheduler.Way way) {
    Carrier carrier = life.carrier();
    carrier.read(false);
    Optional<ByteBuffer> cover = carrier.giveCover();
    Optional<ByteBuffer> unsent = carrier.unsent();
    if (cover.isPresent() && unsent.isPresent()) {
      ByteBuffer unread = ByteBuffer.allocate(read.readableBytes());
      read.getBytes(read.readerIndex(), unread);
      ByteBuffer state = saved(unread.flip(), unsent.get(), cover.get()).encode(SavedSession.READ);
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

  private SavedSession saved(ByteBuffer unread, ByteBuffer unsent, ByteBuffer cover) {
    String protocol = life.service().protocol().name();
    ByteBuffer identity = IdentityForm.write(life.identity());
    return SavedSession.carrier(protocol, unread, unsent, cover, identity);
  }

  private boolean give(Unserved kind, Carrier carrier, MigrationScheduler.Way way) {
    Message.Handoff handoff = life.facts().as(kind);
    return carrier.lend(client -> way.give(handoff, client)) == Pipe.Sent.YES;
  }
}
