package io.baton.manager.admin;

import io.baton.manager.fleet.LivingWorker;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionDescription.Detail;
import io.baton.pipe.SessionDescription.State;
import io.baton.pipe.SessionRef;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.util.List;

/** Sessions as workers describe them. */
final class Sessions {
  private Sessions() {}

  /** One that is open, of a service without a name. */
  static SessionAnswer.Found found(SessionKey key) {
    return found(
        key,
        new SessionDescription(
            "web",
            "",
            new Peer.Unix(1, 2),
            null,
            "",
            State.OPEN,
            200_000,
            -1,
            12_345,
            2_048,
            1,
            List.of()));
  }

  /** One that is away, with all that there may be. */
  static SessionAnswer.Found away(SessionKey key) {
    return found(
        key,
        new SessionDescription(
            "link",
            "chat",
            new Peer.Vsock(5, 6),
            new Peer.Unix(1, 2),
            "alice",
            State.AWAY,
            12_000,
            48_000,
            0,
            0,
            1_200,
            List.of(
                new Detail("stream 4", "incoming, 1 of 2 bytes, a\nb"), new Detail("asks", "0"))));
  }

  private static SessionAnswer.Found found(SessionKey key, SessionDescription session) {
    return new SessionAnswer.Found(
        new SessionRef.ByKey(key), new LivingWorker(7, 1, 99, 3), session);
  }
}
