package io.baton.link.types;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/**
 * The method handles that records are made of and written through. A record of another package is
 * accessible if that package is open to this one, as without named modules all are, or if the
 * record is public and its package exported.
 */
final class Handles {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final MethodHandle WRITE =
      find(Binding.class, "write", void.class, Object.class, Output.class);

  private Handles() {}

  /** Returns the canonical constructor, typed as an Object's. */
  static MethodHandle constructor(Class<?> type, String where) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Arrays.setAll(types, i -> components[i].getType());
    try {
      return lookup(type)
          .findConstructor(type, MethodType.methodType(void.class, types))
          .asType(MethodType.methodType(Object.class, types));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      throw inaccessible(type, where, e);
    }
  }

  /**
   * Returns the handle that writes a component of a record: (Object, Output) to void. Of a
   * primitive, no object is made.
   */
  static MethodHandle writer(RecordComponent component, Binding binding) {
    Class<?> record = component.getDeclaringRecord();
    Class<?> type = component.getType();
    MethodHandle write = type.isPrimitive() ? output(type) : WRITE.bindTo(binding);
    try {
      MethodHandle get =
          lookup(record)
              .unreflect(component.getAccessor())
              .asType(MethodType.methodType(write.type().parameterType(0), Object.class));
      return MethodHandles.filterArguments(write, 0, get);
    } catch (IllegalAccessException e) {
      throw inaccessible(record, record.getSimpleName() + "." + component.getName(), e);
    }
  }

  /** Returns the handle that writes a primitive: (primitive, Output) to void. */
  private static MethodHandle output(Class<?> type) {
    return MethodHandles.permuteArguments(
        find(Output.class, "write" + capitalized(type), void.class, type),
        MethodType.methodType(void.class, type, Output.class),
        1,
        0);
  }

  /** Returns the handle that reads a primitive: (Input) to primitive. */
  static MethodHandle input(Class<?> type) {
    return find(Input.class, "read" + capitalized(type), type);
  }

  private static String capitalized(Class<?> type) {
    String name = type.getName();
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  static MethodHandle find(Class<?> type, String name, Class<?> returned, Class<?>... parameters) {
    try {
      return LOOKUP.findVirtual(type, name, MethodType.methodType(returned, parameters));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandles.Lookup lookup(Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(type, LOOKUP);
    } catch (IllegalAccessException notOpen) {
      return MethodHandles.publicLookup();
    }
  }

  private static IllegalArgumentException inaccessible(Class<?> type, String where, Exception e) {
    return new IllegalArgumentException(
        "%s: record %s is not accessible: make it public in an exported package of %s, or open its package to %s"
            .formatted(where, type.getName(), type.getModule(), Handles.class.getModule()),
        e);
  }
}
