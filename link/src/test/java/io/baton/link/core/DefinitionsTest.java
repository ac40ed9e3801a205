package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class DefinitionsTest {

  private static Definitions with(int id, int length, int content) throws Exception {
    ByteBuffer schema = ByteBuffer.allocate(length);
    schema.put(0, (byte) content);
    return Definitions.NONE.with(id, schema);
  }

  @Test
  void sessionsThatDefineTheSameShareIt() throws Exception {
    assertThat(with(0, 10, 1)).isSameAs(with(0, 10, 1));
    assertThat(with(0, 10, 1)).isNotSameAs(with(1, 10, 1)).isNotSameAs(with(0, 10, 2));
  }

  @Test
  void whatIsSharedIsNotChangedByAMore() throws Exception {
    Definitions one = with(0, 10, 1);
    Definitions two = one.with(1, ByteBuffer.allocate(5));
    assertThat(one.count()).isEqualTo(1);
    assertThat(two.count()).isEqualTo(2);
    assertThat(two.bytes()).isEqualTo(15);
    assertThat(with(0, 10, 1).has(1)).isFalse();
  }

  @Test
  void longOnesAndThoseThatWereUsedLongAgoAreNotKept() throws Exception {
    assertThat(with(0, 4_097, 1)).isNotSameAs(with(0, 4_097, 1));
    Definitions first = with(0, 11, 1);
    for (int content = 2; content <= 66; content++) {
      assertThat(with(0, 11, content).bytes()).isEqualTo(11);
    }
    assertThat(with(0, 11, 1)).isNotSameAs(first);
  }
}
