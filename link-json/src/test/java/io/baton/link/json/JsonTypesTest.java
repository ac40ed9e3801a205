package io.baton.link.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.types.MalformedException;
import io.baton.link.types.MessageTooLongException;
import io.baton.link.types.Output;
import io.baton.link.types.SchemaException;
import io.baton.link.types.Types;
import io.baton.link.types.UndecodableException;
import io.baton.testing.Nightly;
import io.baton.testing.Seeds;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

class JsonTypesTest {
  private static final Types<Shop> TYPES = JsonTypes.of(Shop.class);

  private static String json(Shop message) {
    return json(TYPES, message);
  }

  private static <M> String json(Types<M> types, M message) {
    Output out = new Output(1 << 20);
    types.write(message, out);
    return new String(out.toByteArray(), UTF_8);
  }

  private static Shop read(String json) throws Exception {
    return read(TYPES, json);
  }

  private static <M> M read(Types<M> types, String json) throws Exception {
    return types.reading(types.schema()).read(ByteBuffer.wrap(json.getBytes(UTF_8)));
  }

  @Test
  void aMessageIsAnObjectWithItsTypeFirst() throws Exception {
    assertThat(json(new Shop.Text("hello"))).isEqualTo("{\"type\":\"Text\",\"text\":\"hello\"}");
    assertThat(json(new Shop.Numbers(1, -2, 0.5, 3, true)))
        .isEqualTo("{\"type\":\"Numbers\",\"a\":1,\"b\":-2,\"c\":0.5,\"d\":3.0,\"e\":true}");
    assertThat(json(new Shop.Tree(1, List.of(new Shop.Tree(2, null)))))
        .as("a record as a component is not told by its type")
        .isEqualTo(
            "{\"type\":\"Tree\",\"value\":1,\"children\":[{\"value\":2,\"children\":null}]}");
    assertThat(read("{\"type\":\"Text\",\"text\":\"hello\"}")).isEqualTo(new Shop.Text("hello"));
  }

  @Test
  void eachKindOfComponentHasItsJson() throws Exception {
    Shop.Everything message =
        new Shop.Everything(
            true,
            1,
            2L,
            1.5f,
            Double.POSITIVE_INFINITY,
            new byte[] {1, 2, -1, -2},
            new BigDecimal("12.50"),
            new UUID(1, 2),
            Instant.ofEpochSecond(1_700_000_000, 5_000_000),
            Duration.ofMillis(90_500),
            Shop.State.PAID,
            Set.of(Shop.State.NEW),
            Map.of(7, List.of(new Shop.Item("nut", 3, 250))),
            Map.of(Shop.State.SENT, "x"),
            Optional.of(List.of("a", "b")),
            List.of(Optional.of(1), Optional.empty()),
            new Shop.Box(1, 2),
            List.of(new Shop.Group(List.of(new Shop.Circle(1)))));
    assertThat(json(message))
        .isEqualTo(
            """
            {"type":"Everything","flag":true,"i":1,"l":2,"f":1.5,"d":"Infinity","bytes":"AQL//g==",\
            "price":12.50,"id":"00000000-0000-0001-0000-000000000002",\
            "at":"2023-11-14T22:13:20.005Z","within":"PT1M30.5S","state":"PAID","states":["NEW"],\
            "shelves":{"7":[{"name":"nut","count":3,"cents":250}]},"notes":{"SENT":"x"},\
            "tags":["a","b"],"maybe":[1,null],"shape":{"type":"Box","width":1,"height":2},\
            "shapes":[{"type":"Group","shapes":[{"type":"Circle","radius":1.0}]}]}\
            """);
    assertThat(read(json(message))).usingRecursiveComparison().isEqualTo(message);
  }

  @Test
  void randomMessagesAreReadAsTheyWereWritten() throws Exception {
    long seed = Seeds.one(JsonTypesTest.class);
    RandomShop random = new RandomShop(new Random(seed));
    for (int i = 0; i < Nightly.of(1_000_000, 3_000); i++) {
      Shop message = random.message();
      String json = json(message);
      assertThat(json(read(json))).as("seed %d, message %d", seed, i).isEqualTo(json);
    }
  }

  @Test
  void unknownPropertiesAreSkippedAndMissingOnesAreNullZeroOrEmpty() throws Exception {
    assertThat(read("{\"type\":\"Text\",\"later\":{\"type\":[{}]},\"text\":\"x\",\"more\":1}"))
        .isEqualTo(new Shop.Text("x"));
    assertThat(read("{\"type\":\"Numbers\",\"b\":null}"))
        .isEqualTo(new Shop.Numbers(0, 0, 0, 0, false));
    Shop.Everything missing = (Shop.Everything) read("{\"type\":\"Everything\"}");
    assertThat(missing)
        .isEqualTo(
            new Shop.Everything(
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Set.of(),
                Map.of(),
                Map.of(),
                Optional.empty(),
                List.of(),
                null,
                List.of()));
    assertThat(read("{\"type\":\"Everything\",\"states\":null,\"shapes\":null,\"tags\":null}"))
        .isEqualTo(missing);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"Everything\",\"state\":\"GONE\"}",
        "{\"type\":\"Everything\",\"states\":[\"NEW\",\"not its name\"]}",
        "{\"type\":\"Everything\",\"notes\":{\"GONE\":\"x\"}}",
        "{\"type\":\"Everything\",\"shape\":{\"type\":\"Cube\",\"edge\":1}}",
        "{\"type\":\"Everything\",\"shape\":{\"type\":\"Angular\"}}",
        "{\"type\":\"Everything\",\"shapes\":[{\"type\":\"Text\"}]}",
        "{\"type\":\"Everything\",\"price\":1e5000}",
        "{\"type\":\"Everything\",\"price\":1e-999999999}",
      })
  void whatIsUnknownHereCostsItsMessageOnly(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOfSatisfying(
            UndecodableException.class, e -> assertThat(e.type()).isEqualTo("Everything"))
        .hasMessageStartingWith("Everything cannot be decoded: ");
  }

  @Test
  void anUnknownMessageCostsItselfOnly() {
    assertThatThrownBy(() -> read("{\"type\":\"Lat\u00e9r\",\"text\":\"x\"}"))
        .isInstanceOfSatisfying(
            UndecodableException.class, e -> assertThat(e.type()).isEqualTo("Lat?r"));
    assertThatThrownBy(() -> read("{\"type\":\"Shop\"}")).isInstanceOf(UndecodableException.class);
    assertThatThrownBy(() -> read("{\"type\":\"Item\"}")).isInstanceOf(UndecodableException.class);
  }

  record Picky(int positive) {
    Picky {
      if (positive < 0) {
        throw new IllegalStateException("negative");
      }
    }
  }

  @Test
  void aValueThatAConstructorRejectsCostsItsMessageOnly() throws Exception {
    Types<Picky> types = JsonTypes.of(Picky.class);
    assertThat(read(types, json(types, new Picky(1)))).isEqualTo(new Picky(1));
    assertThatThrownBy(() -> read(types, "{\"type\":\"Picky\",\"positive\":-1}"))
        .isInstanceOf(UndecodableException.class)
        .hasMessageContaining("negative");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "1",
        "\"Text\"",
        "[]",
        "[\"Text\",{\"text\":\"x\"}]",
        "{}",
        "{\"text\":\"x\"}",
        "{\"text\":\"x\",\"type\":\"Text\"}",
        "{\"type\":null,\"type\":\"Text\"}",
        "{\"type\":5}",
        "{\"type\":\"Text\"",
        "{\"type\":\"Text\",}",
        "{\"type\":\"Text\"} {}",
        "{\"type\":\"Text\"}x",
        "{\"type\":\"Text\",\"text\":5}",
        "{\"type\":\"Text\",\"text\":1.5}",
        "{\"type\":\"Text\",\"text\":true}",
        "{\"type\":\"Text\",\"text\":{}}",
        "{\"type\":\"Text\",\"text\":'x'}",
        "{\"type\":\"Numbers\",\"a\":\"1\"}",
        "{\"type\":\"Numbers\",\"a\":\"\"}",
        "{\"type\":\"Numbers\",\"a\":1.5}",
        "{\"type\":\"Numbers\",\"a\":3000000000}",
        "{\"type\":\"Numbers\",\"a\":[1]}",
        "{\"type\":\"Numbers\",\"a\":NaN}",
        "{\"type\":\"Numbers\",\"c\":\"1.5\"}",
        "{\"type\":\"Numbers\",\"e\":1}",
        "{\"type\":\"Numbers\",\"e\":\"true\"}",
        "{\"type\":\"Everything\",\"state\":1}",
        "{\"type\":\"Everything\",\"id\":\"1\"}",
        "{\"type\":\"Everything\",\"at\":\"yesterday\"}",
        "{\"type\":\"Everything\",\"within\":\"5\"}",
        "{\"type\":\"Everything\",\"price\":\"1\"}",
        "{\"type\":\"Everything\",\"bytes\":\"%\"}",
        "{\"type\":\"Everything\",\"states\":\"NEW\"}",
        "{\"type\":\"Everything\",\"shapes\":[null]}",
        "{\"type\":\"Everything\",\"shape\":{\"radius\":1}}",
        "{\"type\":\"Everything\",\"shape\":[\"Circle\",{\"radius\":1}]}",
        "{\"type\":\"Everything\",\"shape\":\"Circle\"}",
        "{\"type\":\"Everything\",\"shelves\":{\"x\":[]}}",
        "{\"type\":\"Tree\",\"children\":[[]]}",
      })
  void wrongShapesAreMalformed(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(MalformedException.class)
        .hasMessageMatching("malformed[\\x20-\\x7e]+");
  }

  @Test
  void aMessageBeyondTheLimitIsRemovedFromTheOutput() {
    Output out = new Output(50);
    TYPES.write(new Shop.Text("a"), out);
    int size = out.size();
    assertThatThrownBy(() -> TYPES.write(new Shop.Text("a".repeat(50)), out))
        .isInstanceOf(MessageTooLongException.class);
    assertThatThrownBy(() -> TYPES.write(new Shop.Text("a".repeat(20_000)), out))
        .isInstanceOf(MessageTooLongException.class);
    assertThat(out.size()).isEqualTo(size);
  }

  @Test
  void nestingBeyondTheLimitIsNotWritten() throws Exception {
    assertThat(read(json(tree(32)))).isEqualTo(tree(32));
    assertThatThrownBy(() -> json(tree(33)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64");
  }

  /** Returns a tree of this many levels, each of which is an object in an array. */
  static Shop.Tree tree(int levels) {
    return new Shop.Tree(levels, levels == 1 ? List.of() : List.of(tree(levels - 1)));
  }

  @Test
  void anotherFormatIsRefusedByBothSides() throws Exception {
    assertThatThrownBy(() -> TYPES.reading(Types.of(Shop.class).schema()))
        .isInstanceOf(SchemaException.class)
        .hasMessage("the types are in another format at the peer and JSON (JsonTypes) here");
    assertThatThrownBy(() -> Types.of(Shop.class).reading(TYPES.schema()))
        .isInstanceOf(SchemaException.class)
        .hasMessage("the types are JSON at the peer and in the binary format (Types.of) here");
    assertThatThrownBy(() -> TYPES.reading(new byte[] {'J', 1}))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("single byte");
    assertThat(TYPES.schema()).containsExactly(0x4a);
  }

  record Named(String type) {}

  sealed interface Holders {
    record Holder(Named named) implements Holders {}
  }

  sealed interface Told {
    record Bad(Tagged tagged) implements Told {}
  }

  sealed interface Tagged {
    record Tag(int type) implements Tagged {}
  }

  record Keyed(Map<BigDecimal, String> all) {}

  @Test
  void componentsWithoutANameInJsonAreRefused() throws Exception {
    assertThatThrownBy(() -> JsonTypes.of(Named.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Named.type: the property type is the record's name");
    assertThatThrownBy(() -> JsonTypes.of(Told.class))
        .hasMessageStartingWith("Tag.type: the property type is the record's name");
    assertThatThrownBy(() -> JsonTypes.of(Keyed.class))
        .hasMessageStartingWith("Keyed.all: java.math.BigDecimal is not a key in JSON");
    assertThatThrownBy(() -> JsonTypes.of(String.class))
        .isInstanceOf(IllegalArgumentException.class);
    Types<Holders> holders = JsonTypes.of(Holders.class);
    Holders holder = new Holders.Holder(new Named("x"));
    assertThat(read(holders, json(holders, holder)))
        .as("only a record that is told by its type may have no component of that name")
        .isEqualTo(holder);
  }

  record Dated(LocalDate dayOfBirth, @Nullable Dated other) {}

  @Test
  void aGivenMapperMaySupportMoreTypesAndOtherNames() throws Exception {
    assertThatThrownBy(() -> JsonTypes.of(Dated.class)).hasMessageContaining("Dated.dayOfBirth");
    JsonMapper mapper =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    Types<Dated> types = JsonTypes.of(Dated.class, mapper);
    Dated dated = new Dated(LocalDate.of(2026, 1, 2), null);
    String json = json(types, dated);
    assertThat(json)
        .isEqualTo("{\"type\":\"Dated\",\"day_of_birth\":\"2026-01-02\",\"other\":null}");
    assertThat(read(types, json)).isEqualTo(dated);
    assertThatThrownBy(() -> read(types, json + "1")).isInstanceOf(MalformedException.class);
  }
}
