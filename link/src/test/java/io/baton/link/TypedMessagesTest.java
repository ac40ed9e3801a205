package io.baton.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.link.types.Output;
import io.baton.link.types.ReadingPlan;
import io.baton.link.types.Types;
import org.junit.jupiter.api.Test;

class TypedMessagesTest {

  /**
   * Types with a schema of any length.
   *
   * @param length of the schema, which nobody reads
   */
  private record Described(int length) implements Types<String> {
    @Override
    public byte[] schema() {
      return new byte[length];
    }

    @Override
    public void write(String message, Output out) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ReadingPlan<String> reading(byte[] peers) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void typesWhoseSchemaDoesNotFitIntoAFrameAreRefusedBeforeASessionUsesThem() {
    Types<String> fits = new Described(65_534);
    Types<String> tooLong = new Described(65_535);
    assertThat(new TypedMessages<>(tooLong, fits).own().schema()).hasSize(65_534);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TypedMessages<>(fits, tooLong))
        .withMessageContaining("65,535 bytes; allowed are 65,534");
  }
}
