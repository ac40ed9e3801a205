package io.baton.worker.codec.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ResumeTokensTest {
  private final ResumeTokens first = ResumeTokens.first();

  private static ResumeTokens reread(ResumeTokens tokens) {
    ByteBuffer bytes = ByteBuffer.allocate(tokens.bytes());
    tokens.write(bytes);
    return ResumeTokens.read(bytes.flip());
  }

  @Test
  void theFirstTokenIsTheOnlyOne() {
    assertThat(first.contains(first.current())).isTrue();
    assertThat(first.contains(ResumeTokens.first().current())).isFalse();
    assertThat(first.bytes()).isEqualTo(ResumeToken.BYTES);
  }

  @Test
  void aClientThatMissesOneWelcomeAfterTheOtherCanStillComeBack() {
    ResumeTokens tokens = first;
    for (int i = 0; i < 10; i++) {
      tokens = tokens.renewed(first.current());
      assertThat(tokens.contains(first.current())).isTrue();
      assertThat(tokens.contains(tokens.current())).isTrue();
    }
  }

  @Test
  void aTokenThatWasOvertakenIsValidOnceMore() {
    ResumeTokens second = first.renewed(first.current());
    ResumeTokens late = second.renewed(first.current());
    assertThat(late.contains(second.current())).isTrue();
  }

  @Test
  void theThirdLastTokenIsStale() {
    List<ResumeToken> told = new ArrayList<>();
    ResumeTokens tokens = first;
    for (int i = 0; i < 4; i++) {
      told.add(tokens.current());
      tokens = tokens.renewed(tokens.current());
    }
    assertThat(tokens.contains(told.get(3))).isTrue();
    assertThat(tokens.contains(told.get(1))).isFalse();
    assertThat(tokens.contains(told.get(0))).isFalse();
  }

  @Test
  void whatIsSavedIsReadAgain() {
    ResumeTokens tokens = first.renewed(first.current());
    ResumeTokens read = reread(tokens);
    assertThat(read.current()).isEqualTo(tokens.current());
    assertThat(read.contains(first.current())).isTrue();
    for (int bytes : new int[] {0, 1, 15, 17, 64}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ResumeTokens.read(ByteBuffer.allocate(bytes)))
          .withMessageStartingWith("tokens of " + bytes + " bytes");
    }
  }
}
