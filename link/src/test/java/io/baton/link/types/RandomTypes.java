package io.baton.link.types;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random sets of messages as Java source: a class with a sealed interface M, its records, and
 * records, enums and a sealed interface that these have components of; and what a later version may
 * make of it.
 *
 * @param messages the number of the first records, which M permits
 * @param shapes the number of the last records, which S permits
 */
record RandomTypes(List<Rec> records, int messages, int shapes, List<Constants> enums) {
  private static final List<String> KEYS = List.of("String", "Integer", "Long", "UUID", "E0");
  private static final List<String> BOXED =
      List.of(
          "Boolean",
          "Integer",
          "Long",
          "Float",
          "Double",
          "String",
          "byte[]",
          "BigDecimal",
          "UUID",
          "Instant",
          "Duration",
          "E0",
          "E1",
          "S");
  private static final List<String> PRIMITIVES =
      List.of("boolean", "int", "long", "float", "double");

  record Rec(String name, List<Comp> components) {}

  record Comp(String name, String type) {}

  record Constants(String name, List<String> names) {}

  static RandomTypes of(Random random) {
    int messages = 1 + random.nextInt(4);
    int shapes = 1 + random.nextInt(3);
    int all = messages + random.nextInt(3) + shapes;
    List<Rec> records = new ArrayList<>();
    for (int i = 0; i < all; i++) {
      List<Comp> components = new ArrayList<>();
      // The first record alone may be empty: nothing has a list of it.
      int n = random.nextInt(6) + (i == 0 ? 0 : 1);
      for (int c = 0; c < n; c++) {
        components.add(new Comp("c" + c, component(random, all)));
      }
      records.add(new Rec("R" + i, components));
    }
    return new RandomTypes(
        records, messages, shapes, List.of(constants("E0", random), constants("E1", random)));
  }

  private static Constants constants(String name, Random random) {
    return new Constants(
        name, IntStream.rangeClosed(0, random.nextInt(5)).mapToObj(i -> "C" + i).toList());
  }

  private static String component(Random random, int records) {
    return random.nextInt(3) == 0 ? pick(PRIMITIVES, random) : type(random, records, 3);
  }

  private static String type(Random random, int records, int depth) {
    int choice = random.nextInt(depth > 0 ? 14 : 8);
    return switch (choice) {
      case 8, 9 -> "List<%s>".formatted(type(random, records, depth - 1));
      case 10 -> "Set<%s>".formatted(pick(KEYS, random));
      case 11, 12 -> "Map<%s, %s>".formatted(pick(KEYS, random), type(random, records, depth - 1));
      case 13 -> {
        String of = type(random, records, depth - 1);
        yield of.startsWith("Optional") ? of : "Optional<%s>".formatted(of);
      }
      case 6, 7 -> "R" + (1 + random.nextInt(records - 1));
      default -> pick(BOXED, random);
    };
  }

  private static <T> T pick(List<T> of, Random random) {
    return of.get(random.nextInt(of.size()));
  }

  /** Returns another version: each record and enum changes in some way, or none. */
  RandomTypes changed(Random random) {
    List<Rec> changed = new ArrayList<>();
    for (Rec record : records) {
      List<Comp> components = new ArrayList<>(record.components());
      for (int times = random.nextInt(3); times > 0; times--) {
        change(components, random);
      }
      changed.add(new Rec(record.name(), components));
    }
    List<Constants> constants =
        enums.stream()
            .map(e -> random.nextInt(4) == 0 ? constants(e.name(), random) : e)
            .collect(Collectors.toList());
    // A record more or less at either interface.
    int more = Math.clamp(messages + random.nextInt(3) - 1L, 1, records.size() - 1);
    int last = Math.clamp(shapes + random.nextInt(3) - 1L, 1, records.size());
    return new RandomTypes(changed, more, last, constants);
  }

  private void change(List<Comp> components, Random random) {
    int at = components.isEmpty() ? 0 : random.nextInt(components.size());
    switch (components.isEmpty() ? 0 : random.nextInt(8)) {
      case 0, 1 ->
          components.add(
              at, new Comp("d" + random.nextInt(1_000_000), component(random, records.size())));
      case 2, 3 -> {
        if (components.size() > 1) {
          components.remove(at);
        }
      }
      case 4 -> Collections.shuffle(components, random);
      case 5, 6 -> {
        Comp old = components.get(at);
        components.set(at, new Comp(old.name(), wider(old.type(), random)));
      }
      default -> {
        Comp old = components.get(at);
        // byte[] and BigDecimal are one kind to Avro.
        String type = component(random, records.size());
        if (!(old.type() + type).matches(".*(byte|BigDecimal).*")) {
          components.set(at, new Comp(old.name(), type));
        }
      }
    }
  }

  private static String wider(String type, Random random) {
    return switch (type) {
      case "int" -> pick(List.of("long", "Integer", "Long", "double", "float"), random);
      case "long" -> pick(List.of("double", "Long", "float", "int"), random);
      case "float" -> pick(List.of("double", "Double", "Float"), random);
      default ->
          type.contains("Integer")
              ? type.replace("Integer", "Long")
              : type.startsWith("Optional<")
                  ? type
                  : type.replaceFirst("^List<(.*)>$", "Optional<List<$1>>");
    };
  }

  /** Returns the source of a class with these types in it. */
  String source(String packageName, String className) {
    StringBuilder source = new StringBuilder();
    source.append(
        "package %s;%nimport java.math.*;%nimport java.time.*;%nimport java.util.*;%n"
            .formatted(packageName));
    source.append("public class %s {%n".formatted(className));
    source.append("  public sealed interface M {}%n  public sealed interface S {}%n".formatted());
    for (Constants e : enums) {
      source.append("  public enum %s { %s }%n".formatted(e.name(), String.join(", ", e.names())));
    }
    for (int i = 0; i < records.size(); i++) {
      List<String> interfaces = new ArrayList<>();
      if (i < messages) {
        interfaces.add("M");
      }
      if (i >= records.size() - shapes) {
        interfaces.add("S");
      }
      source.append(
          "  public record %s(%s)%s {}%n"
              .formatted(
                  records.get(i).name(),
                  records.get(i).components().stream()
                      .map(c -> c.type() + " " + c.name())
                      .collect(Collectors.joining(", ")),
                  interfaces.isEmpty() ? "" : " implements " + String.join(", ", interfaces)));
    }
    return source.append("}\n").toString();
  }
}
