package io.baton.link.types;

/**
 * The refusal of a peer's schema: its bytes are not a schema, exceed a bound, or contradict this
 * side's types, in which case the message names the type and the field. No message of that schema
 * can be read.
 */
public final class SchemaException extends Exception {
  private static final long serialVersionUID = 1;

  /** Creates it, saying what is refused. */
  public SchemaException(String message) {
    super(message);
  }
}
