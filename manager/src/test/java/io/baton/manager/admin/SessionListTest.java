package io.baton.manager.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.manager.fleet.LivingWorker;
import io.baton.pipe.ListedSession;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionDescription.State;
import io.baton.pipe.SessionFilter;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionListTest {
  private static final LivingWorker WORKER = new LivingWorker(7, 1, 99, 3);

  private static SessionList.Row row(
      long id, @Nullable SessionKey key, String service, String principal) {
    return new SessionList.Row(
        new ListedSession(
            id,
            key,
            1_500,
            new SessionDescription(
                "web",
                service,
                new Peer.Vsock(5, 6),
                null,
                principal,
                State.OPEN,
                9,
                -1,
                2_048,
                0,
                0,
                List.of())),
        WORKER,
        200_000);
  }

  @Test
  void theTableHasALineForEachSessionAndSaysHowManyThereAre() {
    SessionList.Listed list =
        new SessionList.Listed(
            List.of(row(3, null, "", ""), row(4_711, new SessionKey(1, 2), "/chat", "a\nb")),
            1_532,
            List.of(WORKER));
    assertThat(SessionListTable.render(list))
        .isEqualTo(
            """
              ID  LISTENER  SERVICE  PEER       PRINCIPAL         AGE   IDLE  STATE     HELD  WORKER
               3  web       -        vsock:5:6  -          3 min 20 s  1.5 s  open   2.0 KiB       1
            4711  web       /chat    vsock:5:6  a\\nb       3 min 20 s  1.5 s  open   2.0 KiB       1

            1,532 sessions; the oldest 2 are listed, --limit lists more
            ! not answered in time: worker 1 (pid 99, generation 3)
            """);
    assertThat(SessionListTable.render(new SessionList.Listed(List.of(), 0, List.of())))
        .isEqualTo("0 sessions\n");
  }

  @Test
  void theJsonHasTheFieldsOfASessionAndTheListsOwn() {
    SessionList.Listed list =
        new SessionList.Listed(List.of(row(3, new SessionKey(1, 2), "", "")), 1, List.of(WORKER));
    assertThat(SessionListJson.render(list))
        .contains("\"matching\" : 1", "\"id\" : \"3\"", "\"ageSeconds\" : 200.0")
        .contains("\"key\" : \"00000000000000010000000000000002\"", "\"idleSeconds\" : 1.5")
        .contains("\"slot\" : 1", "\"listener\" : \"web\"", "\"state\" : \"open\"")
        .containsPattern("\"unanswered\" : \\[ \\{\\s+\"slot\" : 1");
  }

  @Test
  void aQueryIsReadAsItWasWritten() {
    SessionsQuery query =
        new SessionsQuery(
            new SessionFilter("a b=c", "10.0.0.0/8", "é +%", State.AWAY, Long.MAX_VALUE),
            60_000,
            7);
    assertThat(SessionsQuery.parse(query.words())).isEqualTo(query);
    SessionsQuery all = new SessionsQuery(SessionFilter.ALL, 0, SessionsQuery.DEFAULT_LIMIT);
    assertThat(SessionsQuery.parse("")).isEqualTo(all);
    assertThat(SessionsQuery.parse(all.words())).isEqualTo(all);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=-1",
        "limit=10001",
        "limit=x",
        "older=",
        "state=closed",
        "peer=10.1",
        "peer=cid+x",
        "nothing",
        "color=red",
        "listener=%zz"
      })
  void whatIsNoQueryIsRefused(String words) {
    assertThatThrownBy(() -> SessionsQuery.parse(words))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
