package io.baton.pipe;

/** The other end of the pipe sent what no version of it would: it is confused and must end. */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1;

  public MalformedMessageException(String what) {
    super(what);
  }
}
