package io.baton.link.types;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * A component of a record of this side.
 *
 * @param writer writes the component of a record: (Object, Output) to void; of a primitive, no
 *     object is made
 */
record Component(String name, Binding binding, MethodHandle writer) {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final MethodHandle WRITE =
      find(Binding.class, "write", void.class, Object.class, Output.class);

  static Component of(String name, Binding binding, MethodHandle accessor) {
    Class<?> type = accessor.type().returnType();
    MethodHandle write = type.isPrimitive() ? output(type) : WRITE.bindTo(binding);
    MethodHandle get =
        accessor.asType(MethodType.methodType(write.type().parameterType(0), Object.class));
    return new Component(name, binding, MethodHandles.filterArguments(write, 0, get));
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

  Definition.Field field() {
    return new Definition.Field(name, binding.kind());
  }
}
