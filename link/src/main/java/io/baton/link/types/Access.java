package io.baton.link.types;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/**
 * The constructor and accessors of records of other packages: of any record whose package is open
 * to this one, as without named modules all are, and of public records of exported packages.
 */
final class Access {
  private Access() {}

  /** Returns the canonical constructor, typed as an Object's. */
  static MethodHandle constructor(Class<?> type, String where) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return lookup(type)
          .findConstructor(type, MethodType.methodType(void.class, types))
          .asType(MethodType.methodType(Object.class, types));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      throw inaccessible(type, where, e);
    }
  }

  static MethodHandle accessor(Class<?> type, RecordComponent component, String where) {
    try {
      return lookup(type).unreflect(component.getAccessor());
    } catch (IllegalAccessException e) {
      throw inaccessible(type, where, e);
    }
  }

  private static MethodHandles.Lookup lookup(Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
    } catch (IllegalAccessException notOpen) {
      return MethodHandles.publicLookup();
    }
  }

  private static IllegalArgumentException inaccessible(Class<?> type, String where, Exception e) {
    return new IllegalArgumentException(
        "%s: record %s is not accessible: make it public in an exported package of %s, or open its package to %s"
            .formatted(where, type.getName(), type.getModule(), Access.class.getModule()),
        e);
  }
}
