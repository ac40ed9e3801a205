package io.baton.worker.accesslog;

/** A client whose session has a number for the log. */
public interface LoggedClient {
  /** Returns the number of the client's session. */
  long session();
}
