package io.baton.vsockframework.cereal;

import org.jspecify.annotations.Nullable;

/**
 * A {@code std::shared_ptr}: what several fields of a message point to is in its bytes once, and
 * after reading it is one object again. Two are equal if they point to the same object.
 *
 * @param <T> a type that a field can have, or a sealed interface of records
 */
public final class Shared<T> {
  private static final Shared<?> NONE = new Shared<>(null);

  private final @Nullable T value;

  private Shared(@Nullable T value) {
    this.value = value;
  }

  /** Returns a pointer to the value. */
  public static <T> Shared<T> to(T value) {
    return new Shared<>(value);
  }

  /** Returns a null pointer. */
  @SuppressWarnings("unchecked")
  public static <T> Shared<T> none() {
    return (Shared<T>) NONE;
  }

  /** Returns what this points to; null if it is a null pointer. */
  public @Nullable T get() {
    return value;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // as of pointers
  public boolean equals(@Nullable Object other) {
    return other instanceof Shared<?> shared && shared.value == value;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(value);
  }

  /** Does not follow the pointer: what many point to would be shown as often. */
  @Override
  public String toString() {
    T its = value;
    return its == null ? "none" : "shared " + its.getClass().getSimpleName();
  }
}
