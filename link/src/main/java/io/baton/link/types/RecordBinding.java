package io.baton.link.types;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A record. It is made in two steps because its components may have its own type. */
final class RecordBinding implements Binding {
  private final Class<?> type;
  private final Kind.Named kind;
  private final MethodHandle constructor;
  private List<Component> components = List.of();
  private MethodHandle writer =
      MethodHandles.empty(MethodType.methodType(void.class, Object.class, Output.class));

  /**
   * @param constructor from all components to an object
   */
  RecordBinding(Class<?> type, int index, MethodHandle constructor) {
    this.type = type;
    this.constructor = constructor;
    kind = new Kind.Named(index);
  }

  /** Returns the record as this side's schema has it. */
  Definition.Struct struct() {
    return new Definition.Struct(name(), components.stream().map(Component::field).toList());
  }

  void complete(List<Component> all) {
    components = List.copyOf(all);
    for (Component component : all.reversed()) {
      writer = MethodHandles.foldArguments(writer, component.writer());
    }
  }

  List<Component> components() {
    return components;
  }

  MethodHandle constructor() {
    return constructor;
  }

  Class<?> type() {
    return type;
  }

  String name() {
    return type.getSimpleName();
  }

  @Override
  public Kind.Named kind() {
    return kind;
  }

  @Override
  public @Nullable RecordBinding record(String name) {
    return name.equals(name()) ? this : null;
  }

  @Override
  public void write(@Nullable Object value, Output out) {
    Object record = Objects.requireNonNull(value);
    out.enter();
    try {
      writer.invokeExact(record, out);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("an accessor of " + name() + " fails", e);
    }
    out.leave();
  }

  @Override
  public Reader reader(Kind peers, Resolver resolver, String where) throws SchemaException {
    if (peers instanceof Kind.Named named
        && resolver.peers().definition(named) instanceof Definition.Struct struct
        && struct.name().equals(name())) {
      return resolver.record(this, struct);
    }
    throw resolver.mismatch(peers, kind, where);
  }
}
