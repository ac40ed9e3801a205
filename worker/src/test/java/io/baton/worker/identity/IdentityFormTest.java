package io.baton.worker.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.baton.service.Principal;
import io.baton.service.RequestHead;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IdentityFormTest {
  private static final Principal ALICE = new Principal("älice", Map.of("role", "admin"));
  private static final RequestHead HEAD =
      new RequestHead("GET", "/chat?a=b", List.of(new RequestHead.Field("X-A", "1")));

  @Test
  void whatIsKnownIsReadAsItWasWritten() {
    for (Identity each :
        List.of(
            Identity.NONE,
            new Identity(ALICE, null),
            new Identity(null, HEAD),
            new Identity(ALICE, HEAD))) {
      assertThat(IdentityForm.read(IdentityForm.write(each))).isEqualTo(each);
    }
    assertThat(IdentityForm.write(Identity.NONE).hasRemaining()).isFalse();
  }

  /** Other releases read them. */
  @Test
  void theBytesStay() {
    Identity both = new Identity(new Principal("a", Map.of("k", "v")), HEAD);
    assertThat(HexFormat.of().formatHex(IdentityForm.write(both).array()))
        .isEqualTo(
            "03 010061 0100 01006b 010076"
                .concat("0300474554 09002f636861743f613d62 0100 0300582d41 010031")
                .replace(" ", ""));
  }

  @Test
  void noPieceIsReadAsTheWhole() {
    ByteBuffer whole = IdentityForm.write(new Identity(ALICE, HEAD));
    for (int length = 1; length < whole.limit(); length++) {
      ByteBuffer piece = whole.slice(0, length);
      assertThatIllegalArgumentException()
          .as("%d bytes", length)
          .isThrownBy(() -> IdentityForm.read(piece));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00", // nothing, said
        "04", // what is that
        "01 0000 0000", // a principal without a name
        "01 0100 61 0000 00", // more behind it
        "01 0100 0a 0000", // a line
      })
  void whatIsMalformedIsRefused(String hex) {
    ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
    assertThatIllegalArgumentException().isThrownBy(() -> IdentityForm.read(bytes));
  }

  @Test
  void whatIsTooLongIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IdentityForm.read(ByteBuffer.allocate(64 * 1024 + 1)));
  }
}
