package io.baton.worker;

import io.baton.worker.codec.link.LinkRefusals;
import io.baton.worker.codec.websocket.DeniedOrigins;
import io.baton.worker.identity.AuthenticationCounters;

/**
 * The counters of what the routes of a worker decide on clients before their sessions begin. Event
 * loop only.
 *
 * @param denied pages that may not open a WebSocket
 * @param authentications what authenticators have decided
 * @param refusals clients that were refused a session of Link
 */
record HandshakeCounters(
    DeniedOrigins denied, AuthenticationCounters authentications, LinkRefusals refusals) {

  HandshakeCounters() {
    this(new DeniedOrigins(System::nanoTime), new AuthenticationCounters(), new LinkRefusals());
  }
}
