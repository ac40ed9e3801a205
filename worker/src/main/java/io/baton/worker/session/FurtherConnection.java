package io.baton.worker.session;

import io.baton.pipe.Message.Handoff;
import io.baton.worker.migration.SavedSession;
import io.netty.channel.Channel;

/** A further connection of a session that comes from another worker. Event loop only. */
public interface FurtherConnection {

  /** Its channel, which is not registered yet. */
  Channel channel();

  Handoff facts();

  /** What its last worker saved of it. */
  SavedSession saved();

  /** It is one of the session's, which tells what becomes of it. */
  void serve(ConnectionOutcome companion);
}
