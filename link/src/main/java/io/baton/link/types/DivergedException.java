package io.baton.link.types;

/** The refusal of a schema whose id already stands for another one in the same session. */
public final class DivergedException extends SchemaException {
  private static final long serialVersionUID = 1;

  DivergedException(int id) {
    super("schema " + id + " is already defined with other bytes; a new schema needs a new id");
  }
}
