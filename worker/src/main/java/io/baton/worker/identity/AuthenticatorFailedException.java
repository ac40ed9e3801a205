package io.baton.worker.identity;

/**
 * An authenticator threw. Wrapped, because what it throws, such as an {@link java.io.IOException}
 * of its own connections, says nothing about the client's.
 */
public final class AuthenticatorFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AuthenticatorFailedException(String name, Throwable cause) {
    super("the authenticator " + name + " failed", cause);
  }
}
