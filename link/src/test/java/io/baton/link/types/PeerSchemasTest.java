package io.baton.link.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerSchemasTest {
  private static byte[] schema(int types, int nameLength) {
    List<Definition> definitions = new ArrayList<>();
    for (int i = 0; i < types; i++) {
      String name = "R" + "x".repeat(nameLength) + i;
      definitions.add(new Definition.Struct(name, List.of()));
    }
    Kind.Union root = new Kind.Union(false, List.of(new Kind.Named(0)));
    return SchemaBytes.write(new SchemaBytes.Content(definitions, root));
  }

  @Test
  void aSchemaIsFoundByItsIdAndSavedWithIt() throws Exception {
    PeerSchemas schemas = new PeerSchemas();
    assertThat(schemas.find(0)).isEmpty();
    Schema defined = schemas.define(0, schema(1, 1));
    schemas.define(7, schema(2, 1));
    assertThat(schemas.find(0)).containsSame(defined);
    PeerSchemas restored = new PeerSchemas();
    for (Map.Entry<Integer, byte[]> entry : schemas.toMap().entrySet()) {
      restored.define(entry.getKey(), entry.getValue());
    }
    assertThat(restored.toMap())
        .containsOnlyKeys(0, 7)
        .containsEntry(0, schema(1, 1))
        .containsEntry(7, schema(2, 1));
  }

  @Test
  void theSameBytesAgainChangeNothingAndOthersDiverge() throws Exception {
    PeerSchemas schemas = new PeerSchemas();
    Schema defined = schemas.define(3, schema(200, 1));
    for (int i = 0; i < 10; i++) {
      assertThat(schemas.define(3, schema(200, 1))).isSameAs(defined);
    }
    assertThatThrownBy(() -> schemas.define(3, schema(1, 1)))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("schema 3");
    assertThatThrownBy(() -> schemas.define(3, new byte[0])).isInstanceOf(DivergedException.class);
    assertThat(schemas.find(3)).containsSame(defined);
  }

  @Test
  void theTypesAndBytesOfAllSchemasTogetherAreBounded() throws Exception {
    PeerSchemas types = new PeerSchemas();
    types.define(0, schema(200, 1));
    assertThatThrownBy(() -> types.define(1, schema(57, 1)))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("256 types");
    types.define(1, schema(56, 1));

    PeerSchemas bytes = new PeerSchemas();
    for (int id = 0; id < 2; id++) {
      bytes.define(id, schema(120, 240));
    }
    assertThatThrownBy(() -> bytes.define(2, schema(50, 240)))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("65536 bytes");
    bytes.define(2, schema(1, 1));
  }

  @Test
  void garbageAndNegativeIdsAreRefusedAndNotKept() {
    PeerSchemas schemas = new PeerSchemas();
    assertThatThrownBy(() -> schemas.define(0, new byte[] {9})).isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> schemas.define(-1, schema(1, 1)))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("-1");
    assertThat(schemas.toMap()).isEmpty();
  }

  record R(int value) {}

  @Test
  void plansOfOwnVersionsAreKeptAndOfOthersTheLastUsed() throws Exception {
    Types<R> types = Types.of(R.class);
    Schema present = Schema.of(types.schema());
    Schema former = version("former");
    PlanCache<R> cache = new PlanCache<>(types, Set.of(former.fingerprint()), 2);
    ReadingPlan<R> own = cache.plan(present);
    ReadingPlan<R> formers = cache.plan(former);
    ReadingPlan<R> first = cache.plan(version("f0"));
    for (int i = 1; i < 10; i++) {
      cache.plan(version("f" + i));
      assertThat(cache.plan(version("f0"))).isSameAs(first);
    }
    assertThat(cache.size()).isEqualTo(4);
    assertThat(cache.plan(Schema.of(types.schema()))).isSameAs(own);
    assertThat(cache.plan(former)).isSameAs(formers);
    ReadingPlan<R> evicted = cache.plan(version("f1"));
    assertThat(cache.plan(version("f1"))).isSameAs(evicted);
    assertThat(cache.size()).isEqualTo(4);
  }

  private static Schema version(String field) throws SchemaException {
    Definition r = new Definition.Struct("R", List.of(new Definition.Field(field, Scalar.INT)));
    return Schema.of(List.of(r), new Kind.Union(false, List.of(new Kind.Named(0))));
  }

  @Test
  void aSchemaThatContradictsLeavesNothingInTheCache() throws Exception {
    PlanCache<R> cache = new PlanCache<>(Types.of(R.class), Set.of(), 1);
    Definition r =
        new Definition.Struct("R", List.of(new Definition.Field("value", Scalar.STRING)));
    Schema other = Schema.of(List.of(r), new Kind.Union(false, List.of(new Kind.Named(0))));
    assertThatThrownBy(() -> cache.plan(other)).isInstanceOf(SchemaException.class);
    assertThat(cache.size()).isZero();
  }
}
