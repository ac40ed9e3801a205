package io.baton.link.types;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record: the peer's fields in the peer's order, each to its component's place. A record
 * that the peer has exactly as this side has it is read through one method handle that makes no
 * object for a primitive; any other through an array, so that no peer can have new code made for
 * each order of the fields.
 *
 * <p>Components that the peer does not send cost memory without bytes: each {@value
 * #ABSENT_PER_STEP} of them are counted as a record.
 */
final class RecordReader implements Reader {
  private static final int NOWHERE = -1;
  private static final int ABSENT_PER_STEP = 4;
  private static final MethodHandle READ =
      Component.find(Reader.class, "read", Object.class, Input.class);
  private static final MethodHandle READ_ALL =
      Component.find(RecordReader.class, "readAll", Object[].class, Input.class);

  private final RecordBinding to;
  private final List<Step> steps = new ArrayList<>();
  private @Nullable Object[] absent = {};
  private int cost = 1;

  /** From the input to the record. */
  private MethodHandle make = MethodHandles.empty(MethodType.methodType(Object.class, Input.class));

  /** The next field: where its value goes, if anywhere. */
  private record Step(int place, Reader reader) {}

  RecordReader(RecordBinding to) {
    this.to = to;
  }

  /** Finds the components of the peer's fields. */
  void resolve(Definition.Struct struct, Resolver resolver) throws SchemaException {
    List<Component> components = to.components();
    Map<String, Integer> places = new HashMap<>();
    components.forEach(component -> places.put(component.name(), places.size()));
    absent = components.stream().map(component -> component.binding().absent()).toArray();
    for (Definition.Field field : struct.fields()) {
      Integer place = places.remove(field.name());
      if (place == null) {
        steps.add(new Step(NOWHERE, resolver.skip(field.kind())));
      } else {
        Binding binding = components.get(place).binding();
        String where = to.name() + "." + field.name();
        steps.add(new Step(place, resolver.reader(field.kind(), binding, where)));
      }
    }
    cost += places.size() / ABSENT_PER_STEP;
    make = struct.equals(to.struct()) ? direct() : throughArray();
  }

  private MethodHandle direct() {
    MethodHandle made = MethodHandles.dropArguments(to.constructor(), steps.size(), Input.class);
    for (int i = steps.size() - 1; i >= 0; i--) {
      Class<?> type = made.type().parameterType(i);
      MethodHandle read =
          type.isPrimitive()
              ? Component.input(type)
              : READ.bindTo(steps.get(i).reader).asType(MethodType.methodType(type, Input.class));
      made = MethodHandles.foldArguments(made, i, read);
    }
    return made;
  }

  private MethodHandle throughArray() {
    MethodHandle constructor =
        to.constructor()
            .asSpreader(Object[].class, absent.length)
            .asType(MethodType.methodType(Object.class, Object[].class));
    return MethodHandles.filterReturnValue(READ_ALL.bindTo(this), constructor);
  }

  /** Called through {@link #READ_ALL}. */
  @Nullable Object[] readAll(Input in) throws MalformedException, UndecodableException {
    @Nullable Object[] values = absent.clone();
    for (Step step : steps) {
      Object value = step.reader.read(in);
      if (step.place != NOWHERE) {
        values[step.place] = value;
      }
    }
    return values;
  }

  @Override
  public Object read(Input in) throws MalformedException, UndecodableException {
    in.enter(cost);
    Object record;
    try {
      record = (Object) make.invokeExact(in);
    } catch (MalformedException | UndecodableException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw in.undecodable("%s rejects its values: %s".formatted(to.name(), e), e);
    }
    in.leave();
    return record;
  }
}
