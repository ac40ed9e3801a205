package io.baton.vsockframework;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An exception for a message of an unknown type, or whose body does not have its type's form. */
public final class MalformedMessageException extends IOException {
  private static final long serialVersionUID = 1;

  MalformedMessageException(int type, @Nullable String what, @Nullable Throwable cause) {
    super("type %d: %s".formatted(type, what), cause);
  }
}
