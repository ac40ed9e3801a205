package io.baton.vsockframework.cereal;

import java.io.IOException;

/** An exception for bytes that are no record of the expected type, or a record without a form. */
public final class CerealException extends IOException {
  private static final long serialVersionUID = 1;

  private final String where;
  private final String what;

  CerealException(String what) {
    this("", what);
  }

  private CerealException(String where, String what) {
    super(where.isEmpty() ? what : where + ": " + what);
    this.where = where;
    this.what = what;
  }

  /**
   * Returns the same, with the name of what contains the place, as {@code field} or {@code [3]}.
   */
  CerealException in(String container) {
    String dot = where.isEmpty() || where.startsWith("[") ? "" : ".";
    return new CerealException(container + dot + where, what);
  }
}
