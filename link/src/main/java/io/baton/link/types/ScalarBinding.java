package io.baton.link.types;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A primitive, its wrapper or another class that is a {@link Scalar}.
 *
 * @param absent the value of a component that the peer does not send
 */
record ScalarBinding(Scalar kind, @Nullable Object absent) implements Binding {
  @Override
  public void write(@Nullable Object value, Output out) {
    kind.writer().write(Objects.requireNonNull(value), out);
  }

  @Override
  public Reader reader(Kind peers, Resolver resolver, String where) throws SchemaException {
    Reader reader = peers instanceof Scalar scalar ? scalar.as(kind) : null;
    if (reader == null) {
      throw resolver.mismatch(peers, kind, where);
    }
    return reader;
  }
}
