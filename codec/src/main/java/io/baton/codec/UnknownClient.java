package io.baton.codec;

import io.baton.service.AuthenticationRequest;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.baton.service.RequestHead;
import java.util.List;
import java.util.Optional;

/** A client of whom nothing is found out; for tests of codecs. */
record UnknownClient(Peer peer) implements ClientIdentity {
  @Override
  public AuthenticationRequest.Connection connection() {
    return new AuthenticationRequest.Connection("", peer, Optional.empty(), List.of());
  }

  @Override
  public Optional<Principal> principal() {
    return Optional.empty();
  }

  @Override
  public void principal(Optional<Principal> principal) {
    // It stays unknown.
  }

  @Override
  public boolean opens(RequestHead handshake) {
    return true;
  }

  @Override
  public boolean isOfMetSession() {
    return true;
  }
}
