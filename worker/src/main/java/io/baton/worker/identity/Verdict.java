package io.baton.worker.identity;

import io.baton.service.Authentication;

/** The end of a call of an authenticator. */
public sealed interface Verdict {

  /** It has decided. */
  record Decided(Authentication authentication) implements Verdict {}

  /** It threw, or returned nothing. */
  record Failed(AuthenticatorFailedException cause) implements Verdict {}

  /** It has not returned in time. */
  record TimedOut() implements Verdict {}

  /** It was not called: too many wait for it already. */
  record Overloaded() implements Verdict {}
}
