package io.baton.worker.session;

import io.baton.pipe.Pipe;
import io.baton.service.SessionKey;
import io.baton.worker.migration.MigrationScheduler;
import java.nio.ByteBuffer;

/** The way on which connections look for their sessions on other machines. Event loop only. */
public interface RemoteSearch {
  /** That of a server without others. */
  RemoteSearch NONE =
      new RemoteSearch() {
        @Override
        public boolean isOn(SessionKey wanted) {
          return false;
        }

        @Override
        public MigrationScheduler.Way way(ByteBuffer proof) {
          return (_, _) -> Pipe.Sent.GONE;
        }
      };

  /** Whether the session may be on another machine. */
  boolean isOn(SessionKey wanted);

  /**
   * Returns a way that takes a connection over, unless there are too many, until it is known
   * whether its session is here.
   *
   * @param proof what the client has shown; no bytes if that is nothing
   */
  MigrationScheduler.Way way(ByteBuffer proof);
}
