package io.baton.manager.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.SessionRef;
import io.baton.service.SessionKey;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTableTest {
  private static final SessionKey KEY = new SessionKey(0x0102L, -2);
  private static final String ID = "0000000000000102fffffffffffffffe";

  @Test
  void theTableHasALineForEachFact() {
    assertThat(SessionTable.render(Sessions.away(KEY)))
        .isEqualTo(
            """
            session 0000000000000102fffffffffffffffe

              listener     link
              service      chat
              worker       1 (pid 99, generation 3)
              peer         vsock:5:6
              via          unix:pid=1,uid=2
              principal    alice
              state        away for 12 s, ends in 48 s unless its client comes back
              held         0 B, of them 0 B not taken by the client
              unprocessed  1,200 messages
              stream 4     incoming, 1 of 2 bytes, a\\nb
              asks         0
            """);
  }

  @Test
  void theTableHasNoLineForWhatThereIsNot() {
    assertThat(SessionTable.render(Sessions.found(KEY)))
        .contains("state        open for 3 min 20 s\n", "unprocessed  1 message\n")
        .contains("held         12.1 KiB, of them 2.0 KiB not taken by the client\n")
        .doesNotContain("via", "principal", "service");
  }

  @Test
  void theJsonHasEveryFact() {
    assertThat(SessionJson.render(Sessions.away(KEY)))
        .isEqualTo(
            """
            {
              "id" : "0000000000000102fffffffffffffffe",
              "worker" : {
                "slot" : 1,
                "pid" : 99,
                "generation" : 3
              },
              "listener" : "link",
              "service" : "chat",
              "peer" : "vsock:5:6",
              "via" : "unix:pid=1,uid=2",
              "principal" : "alice",
              "state" : "away",
              "sinceSeconds" : 12.0,
              "graceSeconds" : 48.0,
              "heldBytes" : 0,
              "unsentBytes" : 0,
              "unprocessed" : 1200,
              "details" : {
                "stream 4" : "incoming, 1 of 2 bytes, a\\nb",
                "asks" : "0"
              }
            }
            """);
    assertThat(SessionJson.render(Sessions.found(KEY)))
        .contains("\"via\" : null", "\"principal\" : null", "\"graceSeconds\" : null");
  }

  @Test
  void aSessionIsNamedByItsNumberItsIdInEitherCaseOrItsKey() {
    assertThat(SessionName.parse(ID)).contains(new SessionRef.ByKey(KEY));
    assertThat(SessionName.parse(ID.toUpperCase(Locale.ROOT))).contains(new SessionRef.ByKey(KEY));
    assertThat(SessionName.parse(KEY.toString())).contains(new SessionRef.ByKey(KEY));
    assertThat(new SessionRef.ByKey(KEY)).hasToString(ID);
    assertThat(SessionName.parse("4711")).contains(new SessionRef.ById(4711));
    assertThat(SessionName.parse("9223372036854775807"))
        .contains(new SessionRef.ById(Long.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "04711",
        "9223372036854775808",
        "0000000000000102fffffffffffffff",
        "0000000000000102fffffffffffffffe0",
        "+000000000000102fffffffffffffffe",
        "0000000000000102-fffffffffffffff",
        "0000000000000102fffffffffffffffe\n",
        "é000000000000102fffffffffffffffe"
      })
  void whatIsNeitherIdNorKeyNamesNoSession(String text) {
    assertThat(SessionName.parse(text)).isEmpty();
    assertThat(SessionName.complaint(text))
        .startsWith("found \"")
        .doesNotContain("\n")
        .contains("32 hexadecimal digits");
  }
}
