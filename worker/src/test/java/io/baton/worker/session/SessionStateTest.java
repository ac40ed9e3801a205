package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.CloseReason;
import io.baton.worker.session.SessionState.Stage;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class SessionStateTest {
  /** The reason that each event comes with. */
  private static final CloseReason WHY = CloseReason.TIMEOUT;

  /** Everything that changes a state. */
  enum Event {
    ATTACH,
    DETACH,
    END_ONCE_ATTACHED,
    CLOSE,
    END,
    ENDED;

    void happensTo(SessionState state) {
      switch (this) {
        case ATTACH -> state.attach();
        case DETACH -> state.detach();
        case END_ONCE_ATTACHED -> state.endOnceAttached(WHY);
        case CLOSE -> state.close(WHY);
        case END -> assertThat(state.end(WHY)).isEqualTo(state.reason());
        case ENDED -> state.ended();
      }
    }
  }

  /** A state in this stage, which was closed or ended for {@link CloseReason#SERVICE} if at all. */
  private static SessionState in(Stage stage) {
    SessionState state = new SessionState(stage == Stage.DETACHED ? Stage.DETACHED : Stage.OPEN);
    if (stage == Stage.CLOSING) {
      state.close(CloseReason.SERVICE);
    }
    if (stage == Stage.ENDING || stage == Stage.ENDED) {
      var _ = state.end(CloseReason.SERVICE);
    }
    if (stage == Stage.ENDED) {
      state.ended();
    }
    return state;
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          DETACHED, ATTACH,            OPEN
          DETACHED, DETACH,
          DETACHED, END_ONCE_ATTACHED, DETACHED for TIMEOUT
          DETACHED, CLOSE,
          DETACHED, END,               ENDING for TIMEOUT
          DETACHED, ENDED,

          OPEN,     ATTACH,
          OPEN,     DETACH,            DETACHED
          OPEN,     END_ONCE_ATTACHED,
          OPEN,     CLOSE,             CLOSING for TIMEOUT
          OPEN,     END,               ENDING for TIMEOUT
          OPEN,     ENDED,

          CLOSING,  ATTACH,
          CLOSING,  DETACH,
          CLOSING,  END_ONCE_ATTACHED,
          CLOSING,  CLOSE,
          CLOSING,  END,               ENDING for TIMEOUT
          CLOSING,  ENDED,

          ENDING,   ATTACH,
          ENDING,   DETACH,
          ENDING,   END_ONCE_ATTACHED,
          ENDING,   CLOSE,
          ENDING,   END,               ENDING for SERVICE
          ENDING,   ENDED,             ENDED for SERVICE

          ENDED,    ATTACH,
          ENDED,    DETACH,
          ENDED,    END_ONCE_ATTACHED,
          ENDED,    CLOSE,
          ENDED,    END,               ENDED for SERVICE
          ENDED,    ENDED,
          """)
  void eachEventLeadsToTheStageOfTheTableOrIsRefused(
      Stage stage, Event event, @Nullable String expected) {
    SessionState state = in(stage);
    if (expected == null) {
      String before = state.toString();
      assertThatThrownBy(() -> event.happensTo(state))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(stage.name());
      assertThat(state).hasToString(before);
    } else {
      event.happensTo(state);
      assertThat(state).hasToString(expected);
    }
  }

  @Test
  void theTableHasARowForEachStageAndEvent() throws Exception {
    CsvSource table =
        SessionStateTest.class
            .getDeclaredMethod(
                "eachEventLeadsToTheStageOfTheTableOrIsRefused",
                Stage.class,
                Event.class,
                String.class)
            .getAnnotation(CsvSource.class);
    assertThat(table.textBlock().lines().filter(row -> !row.isBlank()).distinct())
        .hasSize(Stage.values().length * Event.values().length);
  }

  @ParameterizedTest
  @EnumSource(Stage.class)
  void eachStageAnswersWhatItAllows(Stage stage) {
    SessionState state = in(stage);
    Set<Stage> over = EnumSet.of(Stage.ENDING, Stage.ENDED);
    Set<Stage> goesOn = EnumSet.of(Stage.DETACHED, Stage.OPEN);
    assertThat(state.isDetached()).isEqualTo(stage == Stage.DETACHED);
    assertThat(state.isOpen()).isEqualTo(stage == Stage.OPEN);
    assertThat(state.isClosing()).isEqualTo(stage == Stage.CLOSING);
    assertThat(state.isOver()).isEqualTo(over.contains(stage));
    assertThat(state.goesOn()).isEqualTo(goesOn.contains(stage));
    assertThat(state.reason()).isEqualTo(goesOn.contains(stage) ? null : CloseReason.SERVICE);
    assertThat(state.reasonOr(WHY)).isEqualTo(goesOn.contains(stage) ? WHY : CloseReason.SERVICE);
  }

  @Test
  void theFirstReasonToEndADetachedSessionStandsAndOutlivesTheAttach() {
    SessionState state = in(Stage.DETACHED);
    state.endOnceAttached(CloseReason.SERVICE);
    state.endOnceAttached(CloseReason.LIMIT);
    assertThat(state.goesOn()).isFalse();
    state.attach();
    assertThat(state).hasToString("OPEN for SERVICE");
    assertThat(state.isOpen()).isTrue();
  }
}
