package io.baton.link.types;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
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
  private static final int ABSENT_PER_STEP = 4;
  private static final MethodType MADE = MethodType.methodType(Object.class, Input.class);
  private static final MethodHandle READ =
      Handles.find(Reader.class, "read", Object.class, Input.class);
  private static final MethodHandle READ_ALL =
      Handles.find(RecordReader.class, "readAll", Object[].class, Input.class);

  private final RecordBinding to;

  /** The next field: how it is read, and the place where its value goes, -1 if nowhere. */
  private Reader[] readers = {};

  private int[] places = {};
  private @Nullable Object[] absent = {};
  private int cost = 1;

  /** From the input to the record. */
  private MethodHandle make = MethodHandles.empty(MADE);

  RecordReader(RecordBinding to) {
    this.to = to;
  }

  /** Finds the components of the peer's fields. */
  void resolve(Definition peers, Resolver resolver) throws SchemaException {
    List<String> names = to.definition().members();
    absent = to.components().stream().map(Binding::absent).toArray();
    int fields = peers.members().size();
    readers = new Reader[fields];
    places = new int[fields];
    int missing = absent.length;
    for (int i = 0; i < fields; i++) {
      String name = peers.members().get(i);
      Kind kind = peers.kinds().get(i);
      places[i] = names.indexOf(name);
      if (places[i] < 0) {
        readers[i] = resolver.skip(kind);
      } else {
        missing--;
        readers[i] = resolver.reader(kind, to.components().get(places[i]), to.name() + "." + name);
      }
    }
    cost += missing / ABSENT_PER_STEP;
    make = peers.equals(to.definition()) ? direct() : throughArray();
  }

  private MethodHandle direct() {
    MethodHandle made = MethodHandles.dropArguments(to.constructor(), readers.length, Input.class);
    for (int i = readers.length - 1; i >= 0; i--) {
      Class<?> type = made.type().parameterType(i);
      MethodHandle read =
          type.isPrimitive()
              ? Handles.input(type)
              : READ.bindTo(readers[i]).asType(MADE.changeReturnType(type));
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
    for (int i = 0; i < readers.length; i++) {
      Object value = readers[i].read(in);
      if (places[i] >= 0) {
        values[places[i]] = value;
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
      throw in.undecodable(e, "%s rejects its values: %s", to.name(), e);
    }
    in.leave();
    return record;
  }
}
