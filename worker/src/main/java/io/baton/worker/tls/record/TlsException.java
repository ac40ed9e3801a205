package io.baton.worker.tls.record;

import java.io.IOException;

/** The peer broke the protocol, or somebody between has forged what it sent. */
public final class TlsException extends IOException {
  private static final long serialVersionUID = 1;

  private final Alert alert;

  TlsException(Alert alert, String what) {
    super(what);
    this.alert = alert;
  }

  /** What to tell the peer. */
  public Alert alert() {
    return alert;
  }
}
