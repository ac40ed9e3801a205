package io.baton.vsockframework.cereal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The form of a record: its fields, one after the other. A base class of the C++ side is its first
 * field.
 */
final class RecordShape implements Shape {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private final Class<?> type;
  private final MethodHandle constructor;

  /** Set once, when the shapes of all fields are known, which may contain this one. */
  private List<Field> fields = List.of();

  private record Field(String name, MethodHandle accessor, Shape shape) {}

  RecordShape(Class<?> type) {
    this.type = type;
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> its = type.getDeclaredConstructor(types);
      its.setAccessible(true);
      constructor =
          LOOKUP
              .unreflectConstructor(its)
              .asType(MethodType.genericMethodType(types.length))
              .asSpreader(Object[].class, types.length);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("record " + type.getName() + " has no constructor", e);
    }
  }

  /** Sets the shapes of the fields, in their order. */
  void fields(List<Shape> shapes) {
    RecordComponent[] components = type.getRecordComponents();
    List<Field> all = new ArrayList<>();
    for (int i = 0; i < components.length; i++) {
      Method accessor = components[i].getAccessor();
      accessor.setAccessible(true);
      try {
        MethodHandle get =
            LOOKUP.unreflect(accessor).asType(MethodType.methodType(Object.class, Object.class));
        all.add(new Field(components[i].getName(), get, shapes.get(i)));
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(type.getName() + " cannot be read", e);
      }
    }
    fields = List.copyOf(all);
  }

  Class<?> type() {
    return type;
  }

  @Override
  public Object read(CerealReader in) throws CerealException {
    Object[] values = new Object[fields.size()];
    in.depth().enter();
    for (int i = 0; i < values.length; i++) {
      Field field = fields.get(i);
      try {
        values[i] = field.shape.read(in);
      } catch (CerealException e) {
        throw e.in(field.name);
      }
    }
    in.depth().leave();
    try {
      return constructor.invokeExact(values);
    } catch (RuntimeException e) {
      throw new CerealException("refused by %s: %s".formatted(type.getSimpleName(), e));
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void write(CerealWriter out, Object value) throws CerealException {
    out.depth().enter();
    for (Field field : fields) {
      try {
        Object its = get(field, value);
        if (its == null) {
          throw new CerealException("null; a pointer that may be null is an Optional or a Shared");
        }
        field.shape.write(out, its);
      } catch (CerealException e) {
        throw e.in(field.name);
      }
    }
    out.depth().leave();
  }

  private @Nullable Object get(Field field, Object value) {
    try {
      return field.accessor.invokeExact(value);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public int minBytes() {
    return (int)
        Math.min(Integer.MAX_VALUE, fields.stream().mapToLong(f -> f.shape.minBytes()).sum());
  }

  /** Its fields' values in two places. */
  @Override
  public int heapBytes() {
    long all = 32 + fields.stream().mapToLong(f -> f.shape.heapBytes() + 2L * Long.BYTES).sum();
    return (int) Math.min(Integer.MAX_VALUE, all);
  }
}
