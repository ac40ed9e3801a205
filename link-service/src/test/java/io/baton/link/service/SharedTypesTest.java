package io.baton.link.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.TypeSet;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SharedTypesTest {
  private final SharedTypes types = new SharedTypes();

  @Test
  void sessionsWithTheSameTypesShareOneSet() {
    TypeSet first = types.of(new byte[] {1, 2});

    assertThat(types.of(new byte[] {1, 2})).isSameAs(first);
    assertThat(types.of(new byte[] {1, 3})).isNotSameAs(first);
    assertThat(first.schema()).containsExactly(1, 2);
  }

  @Test
  void setThatWasNotUsedForLongestIsForgotten() {
    TypeSet first = types.of(numbered(0));
    TypeSet second = types.of(numbered(1));
    for (int i = 2; i <= SharedTypes.MAX_SETS; i++) {
      assertThat(types.of(numbered(0))).isSameAs(first);
      types.of(numbered(i));
    }

    assertThat(types.of(numbered(0))).isSameAs(first);
    assertThat(types.of(numbered(1))).isNotSameAs(second);
  }

  @Test
  void longSchemaIsNotKept() {
    byte[] schema = new byte[SharedTypes.MAX_BYTES + 1];

    assertThat(types.of(schema)).isNotSameAs(types.of(schema)).isEqualTo(types.of(schema));
  }

  private static byte[] numbered(int i) {
    return ByteBuffer.allocate(4).putInt(i).array();
  }
}
