package io.baton.vsockframework.cereal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The form of one field's type in bytes. */
interface Shape {

  /** Reads a value. */
  Object read(CerealReader in) throws CerealException;

  /** Writes a value of the field's type. */
  void write(CerealWriter out, Object value) throws CerealException;

  /** Returns the fewest bytes that a value has. */
  int minBytes();

  /**
   * Returns the most bytes of heap that reading a value takes, without the elements of a vector,
   * the letters of a text, and what a pointer points to.
   */
  int heapBytes();

  /** A {@code std::string} with a text in UTF-8: u64 size, bytes. */
  record Text() implements Shape {
    @Override
    public Object read(CerealReader in) throws CerealException {
      return in.text();
    }

    @Override
    public void write(CerealWriter out, Object value) throws CerealException {
      out.text((String) value);
    }

    @Override
    public int minBytes() {
      return Long.BYTES;
    }

    @Override
    public int heapBytes() {
      return 56;
    }
  }

  /** A {@code std::string} or a vector of bytes: u64 size, bytes. */
  record Bytes() implements Shape {
    @Override
    public Object read(CerealReader in) throws CerealException {
      return in.bytes();
    }

    @Override
    public void write(CerealWriter out, Object value) throws CerealException {
      out.bytes((byte[]) value);
    }

    @Override
    public int minBytes() {
      return Long.BYTES;
    }

    @Override
    public int heapBytes() {
      return 24;
    }
  }

  /** A {@code std::vector}: u64 size, elements. */
  record Vector(Shape element) implements Shape {
    @Override
    public Object read(CerealReader in) throws CerealException {
      int size = in.size(element.minBytes());
      List<Object> all = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        try {
          all.add(element.read(in));
        } catch (CerealException e) {
          throw e.in("[" + i + "]");
        }
      }
      return List.copyOf(all);
    }

    @Override
    public void write(CerealWriter out, Object value) throws CerealException {
      List<?> all = (List<?>) value;
      out.room(Long.BYTES).putLong(all.size());
      for (int i = 0; i < all.size(); i++) {
        Object each = all.get(i);
        try {
          if (each == null) {
            throw new CerealException("null; allowed: elements");
          }
          element.write(out, each);
        } catch (CerealException e) {
          throw e.in("[" + i + "]");
        }
      }
    }

    @Override
    public int minBytes() {
      return Long.BYTES;
    }

    @Override
    public int heapBytes() {
      return 80;
    }
  }

  /** A {@code std::unique_ptr}: u8, which is 1 if there is an object, then the object. */
  record Unique(Shape pointee) implements Shape {
    @Override
    public Object read(CerealReader in) throws CerealException {
      byte valid = in.require(1).get();
      return switch (valid) {
        case 0 -> Optional.empty();
        case 1 -> {
          in.depth().enter();
          Object value = pointee.read(in);
          in.depth().leave();
          yield Optional.of(value);
        }
        default ->
            throw new CerealException("a pointer's mark of %d; allowed: 0 and 1".formatted(valid));
      };
    }

    @Override
    public void write(CerealWriter out, Object value) throws CerealException {
      Optional<?> pointer = (Optional<?>) value;
      out.room(1).put((byte) (pointer.isPresent() ? 1 : 0));
      if (pointer.isPresent()) {
        out.depth().enter();
        pointee.write(out, pointer.get());
        out.depth().leave();
      }
    }

    @Override
    public int minBytes() {
      return 1;
    }

    @Override
    public int heapBytes() {
      return 16;
    }
  }

  /** A {@code std::shared_ptr}: u32 number, 0 for none; at its first use the object follows. */
  record SharedPointer(Shape pointee) implements Shape {
    @Override
    public Object read(CerealReader in) throws CerealException {
      int id = in.require(Integer.BYTES).getInt();
      if (id == 0) {
        return Shared.none();
      }
      if (id > 0) {
        return Shared.to(in.known(id, pointee));
      }
      int number = in.begin(id, pointee);
      in.depth().enter();
      Object value = pointee.read(in);
      in.depth().leave();
      in.finish(number, pointee, value);
      return Shared.to(value);
    }

    @Override
    public void write(CerealWriter out, Object value) throws CerealException {
      Object object = ((Shared<?>) value).get();
      if (object == null) {
        out.room(Integer.BYTES).putInt(0);
      } else if (out.pointee(object)) {
        out.depth().enter();
        pointee.write(out, object);
        out.depth().leave();
      }
    }

    @Override
    public int minBytes() {
      return Integer.BYTES;
    }

    @Override
    public int heapBytes() {
      return 56;
    }
  }

  /**
   * A pointer to an object of one of several classes: u32 number of the class, 0 for none; at the
   * number's first use the class's name follows; then the pointer.
   *
   * @param classes the records by the names of their classes
   * @param names the opposite
   * @param shared whether it is a {@code shared_ptr}
   */
  record Polymorphic(Map<String, Shape> classes, Map<Class<?>, String> names, boolean shared)
      implements Shape {
    /** The number of an object of the base class itself, which has no name. */
    private static final int BASE = 0x40000000;

    @Override
    public Object read(CerealReader in) throws CerealException {
      int id = in.require(Integer.BYTES).getInt();
      if (id == 0) {
        return shared ? Shared.none() : Optional.empty();
      }
      String name = id == BASE ? CerealName.BASE : in.name(id);
      Shape its = classes.get(name);
      if (its == null || (id != BASE && name.equals(CerealName.BASE))) {
        throw new CerealException(
            "an object of %s; allowed: %s"
                .formatted(id == BASE ? "the base class" : "class " + name, classes.keySet()));
      }
      Object read = pointer(its).read(in);
      if (isNull(read)) {
        throw new CerealException("class %s without an object".formatted(name));
      }
      return read;
    }

    @Override
    public void write(CerealWriter out, Object value) throws CerealException {
      Object pointee = shared ? ((Shared<?>) value).get() : ((Optional<?>) value).orElse(null);
      if (pointee == null) {
        out.room(Integer.BYTES).putInt(0);
        return;
      }
      String name = names.get(pointee.getClass());
      Shape its = name == null ? null : classes.get(name);
      if (name == null || its == null) {
        throw new CerealException(
            "an object of %s; allowed: %s".formatted(pointee.getClass(), names.keySet()));
      }
      if (name.equals(CerealName.BASE)) {
        out.room(Integer.BYTES).putInt(BASE);
      } else {
        out.name(name);
      }
      pointer(its).write(out, value);
    }

    private static boolean isNull(Object pointer) {
      return pointer instanceof Optional<?> unique
          ? unique.isEmpty()
          : ((Shared<?>) pointer).get() == null;
    }

    private Shape pointer(Shape to) {
      return shared ? new SharedPointer(to) : new Unique(to);
    }

    @Override
    public int minBytes() {
      return Integer.BYTES;
    }

    @Override
    public int heapBytes() {
      return 56;
    }
  }
}
