package io.baton.link.types;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Finds the bindings of a sealed interface's records and of all that is in them, or refuses what
 * has none, naming the component.
 */
final class Binder {
  /** A constructor's arguments have 255 places; with some to spare. */
  static final int MAX_COMPONENTS = 250;

  private static final Map<Class<?>, ScalarBinding> SCALARS = new HashMap<>();

  static {
    primitive(Scalar.BOOLEAN, boolean.class, Boolean.class, false);
    primitive(Scalar.INT, int.class, Integer.class, 0);
    primitive(Scalar.LONG, long.class, Long.class, 0L);
    primitive(Scalar.FLOAT, float.class, Float.class, 0f);
    primitive(Scalar.DOUBLE, double.class, Double.class, 0d);
    scalar(Scalar.BYTES, byte[].class);
    scalar(Scalar.STRING, String.class);
    scalar(Scalar.DECIMAL, BigDecimal.class);
    scalar(Scalar.UUID, UUID.class);
    scalar(Scalar.INSTANT, Instant.class);
    scalar(Scalar.DURATION, Duration.class);
  }

  private final Map<Class<?>, RecordBinding> records = new HashMap<>();
  private final Map<Class<?>, EnumBinding> enums = new HashMap<>();
  private final List<Definition> definitions = new ArrayList<>();

  private static void primitive(Scalar scalar, Class<?> type, Class<?> wrapper, Object zero) {
    SCALARS.put(type, new ScalarBinding(scalar, zero));
    scalar(scalar, wrapper);
  }

  private static void scalar(Scalar scalar, Class<?> type) {
    SCALARS.put(type, new ScalarBinding(scalar, null));
  }

  List<Definition> definitions() {
    return definitions;
  }

  /** Returns the union of all messages. */
  UnionBinding messages(Class<?> type) {
    if (!type.isRecord() && !type.isSealed()) {
      throw new IllegalArgumentException(
          type.getName() + " is neither a record nor a sealed interface of records");
    }
    return UnionBinding.sealed(members(type, type.getName()));
  }

  private List<RecordBinding> members(Class<?> type, String where) {
    Set<RecordBinding> members = new LinkedHashSet<>();
    if (type.isRecord()) {
      members.add(record(type, where));
    } else if (type.isInterface() && type.isSealed()) {
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        members.addAll(members(permitted, where));
      }
    } else {
      throw refused(where, type, "a sealed interface of messages permits records only");
    }
    return List.copyOf(members);
  }

  private RecordBinding record(Class<?> type, String where) {
    RecordBinding known = records.get(type);
    if (known != null) {
      return known;
    }
    if (type.getTypeParameters().length > 0) {
      throw refused(where, type, "a record has no type parameters");
    }
    RecordComponent[] all = type.getRecordComponents();
    int places = Arrays.stream(all).map(RecordComponent::getType).mapToInt(Binder::places).sum();
    if (places > MAX_COMPONENTS) {
      throw refused(
          where,
          type,
          "a record has at most %d components, long and double counted twice"
              .formatted(MAX_COMPONENTS));
    }
    RecordBinding binding = new RecordBinding(type, definitions.size(), where);
    records.put(type, binding);
    definitions.add(binding.definition());
    List<Binding> components = new ArrayList<>();
    for (RecordComponent component : all) {
      String at = type.getSimpleName() + "." + component.getName();
      components.add(component(component.getGenericType(), at));
    }
    binding.complete(components);
    definitions.set(binding.kind().index(), binding.definition());
    return binding;
  }

  private static int places(Class<?> type) {
    return type == long.class || type == double.class ? 2 : 1;
  }

  /** Returns the binding of a component, which may be null unless it is a primitive. */
  private Binding component(Type type, String where) {
    Binding binding = element(type, where);
    boolean isPrimitive = type instanceof Class<?> c && c.isPrimitive();
    return isPrimitive || binding instanceof ElementsBinding
        ? binding
        : UnionBinding.nullable(binding);
  }

  /** Returns the binding of a value that is never null. */
  private Binding element(Type type, String where) {
    if (type instanceof Class<?> c) {
      return element(c, where);
    }
    if (type instanceof ParameterizedType p) {
      return parameterized(p, where);
    }
    throw refused(
        where, type, type instanceof GenericArrayType ? "use a List" : "name the type itself");
  }

  private Binding element(Class<?> type, String where) {
    Binding scalar = SCALARS.get(type);
    if (scalar != null) {
      return scalar;
    }
    if (type.isRecord()) {
      return record(type, where);
    }
    if (type.isEnum()) {
      return enumeration(type);
    }
    if (type.isSealed() && type.isInterface()) {
      if (type.getTypeParameters().length > 0) {
        throw refused(where, type, "a sealed interface has no type parameters");
      }
      return UnionBinding.sealed(members(type, where));
    }
    throw refused(where, type, advice(type));
  }

  private static String advice(Class<?> type) {
    if (type.isPrimitive() || Number.class.isAssignableFrom(type) || type == Character.class) {
      return "use int, long, float, double, BigDecimal or String";
    }
    if (type.isArray()) {
      return "use a List; the only array is byte[]";
    }
    if (type.getTypeParameters().length > 0) {
      return "only List, Set, Map and Optional have type arguments, and need them";
    }
    return "use a record, an enum or a sealed interface of records";
  }

  private EnumBinding enumeration(Class<?> type) {
    return enums.computeIfAbsent(
        type,
        missing -> {
          EnumBinding binding = new EnumBinding(type, definitions.size());
          definitions.add(binding.definition());
          return binding;
        });
  }

  private Binding parameterized(ParameterizedType type, String where) {
    Type[] of = type.getActualTypeArguments();
    if (type.getRawType() == List.class) {
      return ElementsBinding.list(element(of[0], where), where);
    }
    if (type.getRawType() == Set.class) {
      return ElementsBinding.set(hashed(of[0], where), where);
    }
    if (type.getRawType() == Map.class) {
      return ElementsBinding.map(hashed(of[0], where), element(of[1], where), where);
    }
    if (type.getRawType() != Optional.class) {
      throw refused(where, type, "only List, Set, Map and Optional have type arguments");
    }
    Binding binding = component(of[0], where);
    UnionBinding union =
        binding instanceof UnionBinding known ? known : UnionBinding.nullable(binding);
    if (union.isOptional()) {
      throw refused(where, type, "an Optional of an Optional has no meaning");
    }
    return union.asOptional();
  }

  /**
   * Returns the binding of an element of a set or a key. It must be comparable with its own class:
   * then a table whose hash codes a peer has made equal is still searched in logarithmic time.
   */
  private Binding hashed(Type type, String where) {
    // An enum is sealed, too, if one of its constants has a body.
    if (type instanceof Class<?> c
        && (c.isEnum()
            || (!c.isSealed()
                && Arrays.stream(c.getGenericInterfaces()).anyMatch(i -> isComparable(i, c))))) {
      return element(c, where);
    }
    throw refused(
        where, type, "elements of a Set and keys of a Map implement Comparable of their own class");
  }

  private static boolean isComparable(Type type, Class<?> self) {
    return type instanceof ParameterizedType p
        && p.getRawType() == Comparable.class
        && p.getActualTypeArguments()[0] == self;
  }

  static IllegalArgumentException refused(String where, Type type, String advice) {
    return new IllegalArgumentException(
        "%s: %s cannot be written: %s".formatted(where, type.getTypeName(), advice));
  }
}
