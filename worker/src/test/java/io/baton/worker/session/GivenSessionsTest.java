package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.SavedForm;
import io.baton.service.SessionKey;
import io.baton.worker.elsewhere.HeldSessions;
import io.baton.worker.elsewhere.HeldSessions.Answer;
import io.baton.worker.elsewhere.HeldSessions.Wish;
import io.baton.worker.load.WorkerCounters;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whose word takes a session off a connection that seems to be there. */
class GivenSessionsTest {
  private static final SessionKey KEY = new SessionKey(1, 2);
  private static final byte[] TOKEN = {1, 2, 3};
  private static final SavedForm FORM = new SavedForm(1, Set.of());

  private final WorkerContext context =
      SessionHarness.context(new EmbeddedChannel().eventLoop(), new WorkerCounters());
  private final GivenSessions given = new GivenSessions(context, 1_000, task -> task);

  /** Whether the client was told that another connection has its session, each time it left. */
  private final List<Boolean> left = new ArrayList<>();

  /** Puts a session here that cannot be without its client just now. */
  private void isHere(boolean silent) {
    FoundSession session =
        answering(
            FoundSession.class,
            Map.of(
                "isOf", _ -> true,
                "canBeMet", _ -> true,
                "companions", _ -> 0,
                "isAway", _ -> false,
                "isSilent", _ -> silent,
                "admits", ByteBuffer.wrap(TOKEN)::equals,
                "leavesClient", proven -> !left.add((Boolean) proven)));
    context.keyed().put(KEY, session);
  }

  private interface Method {
    Object call(Object argument);
  }

  private static <T> T answering(Class<T> type, Map<String, Method> methods) {
    Object made =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              Method its = methods.get(method.getName());
              if (its == null) {
                throw new AssertionError("unasked: " + method);
              }
              return its.call(arguments == null ? "" : arguments[0]);
            });
    return type.cast(made);
  }

  private Answer wishes(byte[] proof) {
    return given.freeze(
        new Wish(KEY, "web", proof, FORM),
        new HeldSessions.Listener() {
          @Override
          public boolean saved(ByteBuffer state) {
            throw new AssertionError();
          }

          @Override
          public void cannot() {
            throw new AssertionError();
          }
        });
  }

  @Test
  void aClientThatHasShownItsTokenElsewhereHearsHereThatItsSessionIsTaken() {
    isHere(false);
    assertThat(wishes(TOKEN)).isEqualTo(new Answer.Refusal(false));
    assertThat(left).containsExactly(true);
  }

  @Test
  void aClientThatIsSilentHearsNothingFromWhoeverKnowsItsKey() {
    isHere(true);
    assertThat(wishes(new byte[0])).isEqualTo(new Answer.Refusal(false));
    assertThat(left).containsExactly(false);
  }

  @Test
  void aClientThatIsThereKeepsItsSession() {
    isHere(false);
    assertThat(wishes(new byte[0])).isEqualTo(new Answer.Refusal(false));
    assertThat(wishes(new byte[] {1, 2, 4})).isEqualTo(new Answer.Refusal(true));
    assertThat(left).isEmpty();
  }
}
