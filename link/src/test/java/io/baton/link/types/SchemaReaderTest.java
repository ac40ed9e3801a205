package io.baton.link.types;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SchemaReaderTest {
  private static final Kind INT = Scalar.INT.kind();
  private static final Kind NO_ROOT = Kind.union(false, List.of());

  sealed interface Vector {}

  record Ping(long sent) implements Vector {}

  record Note(@Nullable String text, List<Level> levels, Map<String, Integer> counts)
      implements Vector {}

  enum Level {
    LOW,
    HIGH
  }

  @Test
  void theBytesOfASchemaAreTheVector() {
    String ping = "00" + text("Ping") + "02" + text("sent") + "04";
    String note =
        "00"
            + text("Note")
            + "06"
            + (text("text") + "46" + "02" + "02" + "0c")
            + (text("levels") + "42" + "40" + "04")
            + (text("counts") + "44" + "0c" + "02");
    String level = "02" + text("Level") + "04" + text("LOW") + text("HIGH");
    assertThat(HexFormat.of().formatHex(Types.of(Vector.class).schema()))
        .isEqualTo("02" + "06" + ping + note + level + "46" + "00" + "04" + "4000" + "4002");
  }

  private static String text(String text) {
    return "%02x%s".formatted(text.length() * 2, HexFormat.of().formatHex(text.getBytes(UTF_8)));
  }

  private static Definition struct(String name, Kind... kinds) {
    List<String> fields = IntStream.range(0, kinds.length).mapToObj(i -> "f" + i).toList();
    return new Definition(true, name, fields, List.of(kinds));
  }

  private static Definition constants(String... names) {
    return new Definition(false, "E", List.of(names), List.of());
  }

  private static Kind named(int index) {
    return Kind.named(index);
  }

  private static void refused(String complaint, Definition... definitions) {
    refused(complaint, Kind.union(false, List.of(named(0))), definitions);
  }

  private static void refused(String complaint, Kind root, Definition... definitions) {
    byte[] bytes = new Schema(List.of(definitions), root).bytes();
    assertThatThrownBy(() -> SchemaReader.read(bytes))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void namesAreCheckedAndShownWithoutWhatATerminalInterprets() {
    refused("a digit: ", struct(""));
    refused("1a", struct("1a"));
    refused("a?[2J", struct("a\u001b[2J"));
    refused("a name has 1 to 255 letters", struct("a".repeat(256)));
    refused("two types are named A", struct("A"), struct("A"));
    refused("reserved", struct("UUID"));
    refused("reserved", struct("record"));
    refused(
        "two fields of A are named f",
        new Definition(true, "A", List.of("f", "f"), List.of(INT, INT)));
    refused("two constants of E are named X", struct("A"), constants("X", "X"));
  }

  @Test
  void unionsAreOfOneKindAndNullOrOfDifferentRecords() {
    Definition a = struct("A");
    Definition e = constants();
    refused("not a union", NO_ROOT, a);
    refused("a union of records", Kind.union(true, List.of(named(0))), a);
    refused("not a union", Kind.union(false, List.of(INT)), a);
    refused("not a union", Kind.union(false, List.of(named(1))), a, e);
    refused("not a union", Kind.union(false, List.of(named(0), named(0))), a);
    refused("a schema has 1 values", Kind.union(false, List.of(named(1))), a);
    Kind optional = Kind.union(true, List.of(INT));
    refused("A.f0 is not a union", struct("A", Kind.union(true, List.of(optional))));
    refused("A.f0 is not a union", struct("A", Kind.union(false, List.of(INT))));
    refused(
        "A.f0 is not a union",
        struct("A", Kind.list(Kind.union(true, List.of(INT, Scalar.LONG.kind())))));
  }

  @Test
  void listsOfRecordsWithoutAByteAreRefusedAlsoIfThatIsHidden() {
    Definition empty = struct("Empty");
    Definition around = struct("Around", named(1), named(1));
    refused("A.f0 is a list of records without a byte", struct("A", Kind.list(named(1))), empty);
    refused(
        "A.f0 is a list of records without a byte",
        struct("A", Kind.list(named(2))),
        empty,
        around);
    refused(
        "A.f0 is a map whose keys have no byte",
        struct("A", Kind.map(named(2), INT)),
        empty,
        around);
  }

  @Test
  void numbersBeyondTheBoundsAreRefused() {
    Kind[] fields = new Kind[256];
    Arrays.fill(fields, INT);
    refused("at most 255 fields in record A, not 256", struct("A", fields));
    Definition[] types = new Definition[257];
    Arrays.setAll(types, i -> struct("T" + i));
    refused("at most 256 types in a schema, not 257", types);
    Kind deep = INT;
    for (int i = 0; i < 64; i++) {
      deep = Kind.list(deep);
    }
    refused("nest too deep", struct("A", deep));
    String[] long255 = new String[300];
    Arrays.setAll(long255, i -> "%0254d".formatted(i).replaceFirst("0", "a"));
    refused("at most 65536 bytes", struct("A"), constants(long255));
  }

  @Test
  void otherBytesForTheSameSchemaAreRefused() {
    byte[] shortest = Types.of(Vector.class).schema();
    byte[] longer = new byte[shortest.length + 1];
    longer[0] = (byte) 0x82;
    System.arraycopy(shortest, 1, longer, 2, shortest.length - 1);
    assertThatThrownBy(() -> SchemaReader.read(longer)).hasMessageContaining("shortest form");
    assertThatThrownBy(() -> SchemaReader.read(Arrays.copyOf(shortest, shortest.length + 1)))
        .hasMessageContaining("1 bytes after the end");
  }

  @Test
  void aSchemaCutShortIsRefused() {
    byte[] whole = Types.of(Shop.class).schema();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> SchemaReader.read(cut)).isInstanceOf(SchemaException.class);
    }
  }

  @Test
  void garbageIsASchemaOrRefused() {
    long seed = Seeds.one(SchemaReaderTest.class);
    Random random = new Random(seed);
    byte[] whole = Types.of(Shop.class).schema();
    int schemas = 0;
    for (int i = 0; i < Nightly.of(1_000_000, 8_000); i++) {
      byte[] bytes = whole.clone();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        bytes[random.nextInt(bytes.length)] =
            (byte) (random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(72));
      }
      try {
        assertThat(SchemaReader.read(bytes).bytes()).as("seed %d, %d", seed, i).isEqualTo(bytes);
        schemas++;
      } catch (SchemaException e) {
        assertThat(e).hasMessageMatching("[\\x20-\\x7e]+");
      }
    }
    assertThat(schemas).isPositive();
  }
}
