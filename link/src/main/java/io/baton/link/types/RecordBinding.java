package io.baton.link.types;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A record. It is made in two steps because its components may have its own type. */
final class RecordBinding implements Binding {
  private final Class<?> type;
  private final Kind kind;
  private final MethodHandle constructor;
  private Definition definition;
  private List<Binding> components = List.of();
  private MethodHandle writer =
      MethodHandles.empty(MethodType.methodType(void.class, Object.class, Output.class));

  /**
   * @param index the place of its definition
   * @param where the component that it is in
   */
  RecordBinding(Class<?> type, int index, String where) {
    this.type = type;
    kind = Kind.named(index);
    constructor = Handles.constructor(type, where);
    definition = new Definition(true, type.getSimpleName(), List.of(), List.of());
  }

  void complete(List<Binding> bindings) {
    components = bindings;
    List<String> names = new ArrayList<>();
    List<Kind> kinds = new ArrayList<>();
    List<MethodHandle> writers = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Binding binding = bindings.get(names.size());
      names.add(component.getName());
      kinds.add(binding.kind());
      writers.add(Handles.writer(component, binding));
    }
    definition = new Definition(true, name(), names, kinds);
    for (MethodHandle each : writers.reversed()) {
      writer = MethodHandles.foldArguments(writer, each);
    }
  }

  /** Returns the record as this side's schema has it. */
  Definition definition() {
    return definition;
  }

  /** Returns the types of its components, in their order. */
  List<Binding> components() {
    return components;
  }

  /** Returns the handle from all components to an object. */
  MethodHandle constructor() {
    return constructor;
  }

  Class<?> type() {
    return type;
  }

  String name() {
    return definition.name();
  }

  @Override
  public Kind kind() {
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
    return resolver.record(this, resolver.counterpart(peers, definition, kind, where));
  }
}
