package io.baton.vsockframework.cereal;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the shapes of a record and of all that its fields are made of. */
final class Shapes {
  /** Bytes of heap for one of a text: a copy of the body's, the letter while it is decoded. */
  private static final int LETTER = 4;

  private static final Map<Class<?>, Shape> SIMPLE = new HashMap<>();

  static {
    SIMPLE.put(boolean.class, Arithmetic.BOOLEAN);
    SIMPLE.put(Boolean.class, Arithmetic.BOOLEAN);
    SIMPLE.put(byte.class, Arithmetic.BYTE);
    SIMPLE.put(Byte.class, Arithmetic.BYTE);
    SIMPLE.put(short.class, Arithmetic.SHORT);
    SIMPLE.put(Short.class, Arithmetic.SHORT);
    SIMPLE.put(int.class, Arithmetic.INT);
    SIMPLE.put(Integer.class, Arithmetic.INT);
    SIMPLE.put(long.class, Arithmetic.LONG);
    SIMPLE.put(Long.class, Arithmetic.LONG);
    SIMPLE.put(float.class, Arithmetic.FLOAT);
    SIMPLE.put(Float.class, Arithmetic.FLOAT);
    SIMPLE.put(double.class, Arithmetic.DOUBLE);
    SIMPLE.put(Double.class, Arithmetic.DOUBLE);
    SIMPLE.put(String.class, new Shape.Text());
    SIMPLE.put(byte[].class, new Shape.Bytes());
  }

  private static final String ALLOWED =
      "; allowed: boolean, byte, short, int, long, float, double, String, byte[], records, List,"
          + " Optional, Shared";

  private final Map<Class<?>, RecordShape> records = new HashMap<>();

  /** What vectors hold. */
  private final List<Shape> elements = new ArrayList<>();

  /** What pointers point to. */
  private final List<Shape> pointees = new ArrayList<>();

  /** The records whose fields are being looked at and that hold each other without a pointer. */
  private final Deque<Class<?>> inside = new ArrayDeque<>();

  /**
   * Returns the shape of a record.
   *
   * @throws IllegalArgumentException if one of its fields has none
   */
  RecordShape of(Class<?> type) {
    if (inside.contains(type)) {
      throw new IllegalArgumentException(
          "record %s contains itself; allowed: through List, Optional or Shared"
              .formatted(type.getName()));
    }
    RecordShape known = records.get(type);
    if (known != null) {
      return known;
    }
    RecordShape shape = new RecordShape(type);
    records.put(type, shape);
    inside.push(type);
    List<Shape> fields = new ArrayList<>();
    for (RecordComponent each : type.getRecordComponents()) {
      fields.add(of(each.getGenericType(), type.getName() + "." + each.getName()));
    }
    inside.pop();
    shape.fields(fields);
    return shape;
  }

  /**
   * Returns the most bytes of heap that reading takes for each byte that is read, besides {@link
   * Shape#heapBytes} of the record itself. A byte may belong to an element of a vector and to a
   * pointee.
   */
  long heapPerByte() {
    long element = most(elements, 2 * Long.BYTES, 0);
    long pointee = most(pointees, 7 * Long.BYTES, 1); // a pointer, and a number for it
    return LETTER + element + pointee;
  }

  private static long most(List<Shape> shapes, int heap, int bytes) {
    long most = 0;
    for (Shape each : shapes) {
      long fewest = Math.max(1, (long) each.minBytes() + bytes);
      most = Math.max(most, ((long) each.heapBytes() + heap + fewest - 1) / fewest);
    }
    return most;
  }

  private Shape of(Type type, String where) {
    if (type instanceof ParameterizedType generic && generic.getActualTypeArguments().length == 1) {
      Type argument = generic.getActualTypeArguments()[0];
      if (generic.getRawType() == List.class) {
        Shape element = behind(argument, where);
        elements.add(element);
        return new Shape.Vector(element);
      }
      if (generic.getRawType() == Optional.class) {
        return pointer(argument, where, false);
      }
      if (generic.getRawType() == Shared.class) {
        return pointer(argument, where, true);
      }
    }
    if (type instanceof Class<?> simple) {
      Shape shape = SIMPLE.get(simple);
      if (shape != null) {
        return shape;
      }
      if (simple.isRecord() && simple.getTypeParameters().length == 0) {
        return of(simple);
      }
      if (simple.isInterface() && simple.isSealed()) {
        throw new IllegalArgumentException(
            "%s is a sealed interface; allowed: Optional (std::unique_ptr) or Shared of it"
                .formatted(where));
      }
    }
    throw new IllegalArgumentException(where + " has type " + type.getTypeName() + ALLOWED);
  }

  /** Returns the shape of what may contain what contains it. */
  private Shape behind(Type type, String where) {
    List<Class<?>> outside = List.copyOf(inside);
    inside.clear();
    Shape shape = type instanceof Class<?> c && records.containsKey(c) ? records.get(c) : null;
    if (shape == null) {
      shape = of(type, where);
    }
    inside.addAll(outside);
    return shape;
  }

  private Shape pointer(Type type, String where, boolean shared) {
    if (type instanceof Class<?> base && base.isInterface() && base.isSealed()) {
      Map<String, Shape> classes = new LinkedHashMap<>();
      Map<Class<?>, String> names = new LinkedHashMap<>();
      polymorphic(base, where, classes, names);
      return new Shape.Polymorphic(classes, names, shared);
    }
    Shape pointee = behind(type, where);
    pointees.add(pointee);
    return shared ? new Shape.SharedPointer(pointee) : new Shape.Unique(pointee);
  }

  private void polymorphic(
      Class<?> base, String where, Map<String, Shape> classes, Map<Class<?>, String> names) {
    for (Class<?> each : base.getPermittedSubclasses()) {
      if (each.isInterface() && each.isSealed()) {
        polymorphic(each, where, classes, names);
      } else if (each.isRecord() && each.getTypeParameters().length == 0) {
        CerealName given = each.getAnnotation(CerealName.class);
        String name = given == null ? each.getSimpleName() : given.value();
        Shape pointee = behind(each, where);
        pointees.add(pointee);
        if (classes.putIfAbsent(name, pointee) != null) {
          throw new IllegalArgumentException(
              "%s: two classes have the name \"%s\"".formatted(where, name));
        }
        names.put(each, name);
      } else {
        throw new IllegalArgumentException(
            "%s: %s is permitted and no record".formatted(where, each.getName()));
      }
    }
  }
}
