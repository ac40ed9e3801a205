package io.baton.link.json;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The names that records and components have in JSON, and what cannot have one. */
final class JsonNames {
  /** The types of keys that a text stands for, beside enums. */
  private static final Set<Class<?>> KEYS =
      Set.of(
          String.class,
          Boolean.class,
          Integer.class,
          Long.class,
          Float.class,
          Double.class,
          UUID.class,
          Instant.class,
          Duration.class);

  private final boolean keys;
  private final Set<Class<?>> seen = new HashSet<>();

  private JsonNames(boolean keys) {
    this.keys = keys;
  }

  /** Checks the records that are told by their names, and all that are in them. */
  static void check(Class<?> sealed) {
    if (!sealed.isRecord() && !isUnion(sealed)) {
      throw new IllegalArgumentException(
          sealed.getName() + " is neither a record nor a sealed interface of records");
    }
    JsonNames names = new JsonNames(false);
    names.member(sealed, members(sealed));
    names.visit(sealed, sealed.getName());
  }

  /** Checks that a text stands for each key of a map. */
  static void checkKeys(Class<?> sealed) {
    new JsonNames(true).visit(sealed, sealed.getName());
  }

  /** Tells whether values of this type are records told by their names. */
  static boolean isUnion(Class<?> type) {
    return type.isInterface() && type.isSealed();
  }

  /** Returns the records that a sealed interface permits, or the record itself. */
  static List<Class<?>> members(Class<?> type) {
    List<Class<?>> members = new ArrayList<>();
    if (type.isRecord()) {
      members.add(type);
    } else if (isUnion(type)) {
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        members.addAll(members(permitted));
      }
    } else {
      throw new IllegalArgumentException(
          type.getName() + ": a sealed interface of messages permits records only");
    }
    return members;
  }

  private void member(Class<?> union, List<Class<?>> members) {
    Map<String, Class<?>> names = new HashMap<>();
    for (Class<?> member : members) {
      Class<?> other = names.putIfAbsent(member.getSimpleName(), member);
      if (other != null && other != member) {
        throw new IllegalArgumentException(
            "%s: two records are named %s".formatted(union.getName(), member.getSimpleName()));
      }
      for (RecordComponent component : member.getRecordComponents()) {
        if (component.getName().equals(JsonTypes.TYPE)) {
          throw new IllegalArgumentException(
              "%s.%s: the property %s is the record's name; name the component differently"
                  .formatted(member.getSimpleName(), component.getName(), JsonTypes.TYPE));
        }
      }
    }
  }

  private void visit(Type type, String where) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (keys && generic.getRawType() == Map.class && !isKey(arguments[0])) {
        throw new IllegalArgumentException(
            "%s: %s is not a key in JSON: use a text, a number, a UUID or an enum"
                .formatted(where, arguments[0].getTypeName()));
      }
      for (Type argument : arguments) {
        visit(argument, where);
      }
    } else if (type instanceof Class<?> c && seen.add(c)) {
      visitClass(c);
    }
  }

  private void visitClass(Class<?> type) {
    if (isUnion(type)) {
      List<Class<?>> members = members(type);
      member(type, members);
      members.forEach(member -> visit(member, type.getSimpleName()));
    } else if (type.isRecord()) {
      for (RecordComponent component : type.getRecordComponents()) {
        visit(component.getGenericType(), type.getSimpleName() + "." + component.getName());
      }
    }
  }

  private static boolean isKey(Type type) {
    return type instanceof Class<?> c && (c.isEnum() || KEYS.contains(c));
  }
}
