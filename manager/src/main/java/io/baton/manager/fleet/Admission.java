package io.baton.manager.fleet;

import io.baton.config.Settings;
import io.baton.pipe.PeerKey;
import io.baton.service.Peer;

/**
 * Who may connect at all: nobody whom the listener's lists keep out, and for a while nobody who
 * keeps breaking limits. Who may not is closed before any worker hears of it.
 */
final class Admission {
  private final Roster roster;
  private final TurnedAwayLog log;
  private final Blocks blocks = new Blocks();

  Admission(Roster roster) {
    this.roster = roster;
    this.log = new TurnedAwayLog(roster, "denies clients", "denied");
  }

  boolean admits(Handoff client) {
    Settings.Listener listener = roster.current().listener(client.listener);
    if (listener == null) {
      return true; // it is gone, and the last of its clients come in
    }
    Settings.Access access = listener.options().access();
    if (!access.permits(client.peer)) {
      log.turnedAway(client.listener, () -> notAllowed(client.peer));
      return false;
    }
    if (blocks.isBlocked(client.listener, client.key, roster.nowMs)) {
      log.turnedAway(client.listener, () -> blocked(client.key, access.block()));
      return false;
    }
    return true;
  }

  /** It was not let in before it could be asked whom it is. */
  void rejected(int listener, Peer peer, String why) {
    log.turnedAway(listener, () -> peer + ": " + why);
  }

  /** The peer broke limits. */
  void offended(int number, PeerKey peer, int times) {
    Settings.Listener listener = roster.current().listener(number);
    if (listener != null) {
      blocks.offended(number, peer, times, listener.options().access().block(), roster.nowMs);
    }
  }

  private static String notAllowed(Peer peer) {
    return "its allow and deny reject " + peer;
  }

  private static String blocked(PeerKey peer, Settings.Block rule) {
    return "%s is banned for %d s after %d offences within %d s"
        .formatted(peer, rule.forMs() / 1_000, rule.after(), rule.withinMs() / 1_000);
  }

  /** Time has passed. */
  void tick() {
    log.tick();
    blocks.tick(roster.nowMs);
  }

  /** Peers that are kept out for what they did. */
  int blocked() {
    return blocks.blocked(roster.nowMs);
  }
}
