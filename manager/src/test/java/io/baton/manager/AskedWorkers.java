package io.baton.manager;

import io.baton.manager.fleet.LivingWorker;
import io.baton.pipe.SessionDescription;
import io.baton.service.Peer;
import java.util.List;

/** Two workers that are asked for sessions, and one that they have. */
final class AskedWorkers {
  static final LivingWorker ONE = new LivingWorker(10, 0, 100, 1);
  static final LivingWorker OTHER = new LivingWorker(11, 1, 101, 1);
  static final SessionDescription SESSION =
      new SessionDescription(
          "link",
          "chat",
          new Peer.Unix(1, 2),
          null,
          "",
          SessionDescription.State.OPEN,
          1,
          -1,
          0,
          0,
          0,
          List.of());

  private AskedWorkers() {}
}
