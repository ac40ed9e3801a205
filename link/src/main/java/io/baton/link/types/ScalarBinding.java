package io.baton.link.types;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A primitive, its wrapper or another class that is a {@link Scalar}. */
final class ScalarBinding implements Binding {
  private final Scalar scalar;
  private final @Nullable Object absent;

  /**
   * @param absent the value of a component that the peer does not send
   */
  ScalarBinding(Scalar scalar, @Nullable Object absent) {
    this.scalar = scalar;
    this.absent = absent;
  }

  @Override
  public Kind kind() {
    return scalar.kind();
  }

  @Override
  public @Nullable Object absent() {
    return absent;
  }

  @Override
  public void write(@Nullable Object value, Output out) {
    scalar.write(Objects.requireNonNull(value), out);
  }

  @Override
  public Reader reader(Kind peers, Resolver resolver, String where) throws SchemaException {
    Reader reader = peers.tag() < Scalar.COUNT ? Scalar.of(peers).as(scalar) : null;
    if (reader == null) {
      throw resolver.mismatch(peers, kind(), where);
    }
    return reader;
  }
}
