package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.PeerRange;
import io.baton.pipe.ListedSession;
import io.baton.pipe.Message;
import io.baton.pipe.Message.DescribeSession;
import io.baton.pipe.Message.ListSessions;
import io.baton.pipe.Message.SessionsListed;
import io.baton.pipe.SessionDescription;
import io.baton.pipe.SessionFilter;
import io.baton.pipe.SessionRef;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SessionLookupTest {
  private final OpenSessions open = new OpenSessions();
  private final SessionLookup lookup =
      new SessionLookup(open, new KeyedSessions(SessionKeys.alone()));
  private final List<Long> dismissed = new ArrayList<>();

  private final class Known extends UnaskedSession {
    private final long id;
    private final Peer peer;

    Known(long id, Peer peer) {
      this.id = id;
      this.peer = peer;
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public boolean matches(SessionFilter filter, @Nullable PeerRange peers) {
      return peers == null || peers.contains(peer);
    }

    @Override
    public SessionDescription describe() {
      return new SessionDescription(
          "web", "", peer, null, "", SessionDescription.State.OPEN, 1, -1, 2, 3, 4, List.of());
    }

    @Override
    public ListedSession summary() {
      return new ListedSession(id, null, 5, describe());
    }

    @Override
    public void dismiss() {
      dismissed.add(id);
    }
  }

  private void opened(long id, Peer peer) {
    open.opened(new Known(id, peer));
  }

  private SessionsListed list(SessionFilter filter, long after) {
    return lookup.list(new ListSessions(7, filter, after));
  }

  private static List<Long> ids(SessionsListed listed) {
    return listed.sessions().stream().map(ListedSession::id).toList();
  }

  @Test
  void theOldestAreListedInOrderAndAllAreCounted() {
    for (long id = 100; id > 0; id--) {
      opened(id, new Peer.Vsock(3, 4));
    }
    SessionsListed first = list(SessionFilter.ALL, 0);
    assertThat(first.request()).isEqualTo(7);
    assertThat(first.matching()).isEqualTo(100);
    assertThat(ids(first))
        .isEqualTo(LongStream.rangeClosed(1, Message.MAX_LISTED).boxed().toList());
    SessionsListed last = list(SessionFilter.ALL, 95);
    assertThat(ids(last)).containsExactly(96L, 97L, 98L, 99L, 100L);
    assertThat(last.matching()).isEqualTo(5);
    assertThat(ids(list(SessionFilter.ALL, 100))).isEmpty();
    assertThat(ids(list(SessionFilter.ALL.upTo(2), 0))).containsExactly(1L, 2L);
  }

  @Test
  void onlyThoseThatMatchAreListed() {
    opened(1, new Peer.Vsock(3, 4));
    opened(2, new Peer.Vsock(5, 4));
    SessionFilter filter = new SessionFilter("", "cid 5", "", null, Long.MAX_VALUE);
    SessionsListed listed = list(filter, 0);
    assertThat(ids(listed)).containsExactly(2L);
    assertThat(listed.matching()).isEqualTo(1);
  }

  @Test
  void sessionsWithTheLongestPeersFillNoMoreThanAPacket() {
    Peer longest = new Peer.VsockUnix(Path.of("/" + "n".repeat(1_999)), 1, 2);
    for (long id = 1; id <= Message.MAX_LISTED; id++) {
      opened(id, longest);
    }
    SessionsListed listed = list(SessionFilter.ALL, 0);
    assertThat(listed.sessions()).hasSizeBetween(1, Message.MAX_LISTED - 1);
    assertThat(listed.matching()).isEqualTo(Message.MAX_LISTED);
  }

  @Test
  void aSessionIsFoundByItsIdAndEndedOnlyIfSoAsked() {
    opened(1, new Peer.Vsock(3, 4));
    opened(2, new Peer.Vsock(5, 6));
    SessionRef two = new SessionRef.ById(2);
    assertThat(lookup.describe(new DescribeSession(1, two, false)))
        .extracting(SessionDescription::peer)
        .isEqualTo(new Peer.Vsock(5, 6));
    assertThat(dismissed).isEmpty();
    assertThat(lookup.describe(new DescribeSession(2, two, true))).isNotNull();
    assertThat(dismissed).containsExactly(2L);
    assertThat(lookup.describe(new DescribeSession(3, new SessionRef.ById(3), true))).isNull();
    assertThat(lookup.describe(new DescribeSession(4, new SessionKey(1, 2)))).isNull();
  }
}
