package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.TicketCodec;
import io.baton.credentials.CredentialFiles;
import io.baton.credentials.TestFiles;
import io.baton.pipe.HandoffKind.Saved;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.pipe.Load;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Change;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.Recounted;
import io.baton.pipe.Message.Refused;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Refusal;
import io.baton.pipe.SessionDescription;
import io.baton.service.CloseReason;
import io.baton.service.Peer;
import io.baton.service.Principal;
import io.baton.service.Replaying;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.SessionKey;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.session.Route;
import io.baton.worker.session.TestRoutes;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that lose their connection and come back, to one of two workers. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // recvmsg heeds no interrupt
@ExtendWith(NoLeaks.class)
class ReturnTest extends TwoWorkers {
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final CountDownLatch both = new CountDownLatch(1);
  private volatile boolean replays;
  private volatile boolean fails;

  ReturnTest() throws Exception {}

  @Override
  List<Route<?, ?>> routes() {
    String rules = "awaits-return = 1h, max-away = 2";
    return List.of(
        TestRoutes.of(
            "plain",
            rules,
            new TicketCodec(this::replaced),
            () -> replays ? new Keeping() : new Counting()),
        TestRoutes.of(ENCRYPTED, rules, new TicketCodec(), Counting::new));
  }

  private void replaced() {
    if (fails) {
      throw new IllegalStateException("of the test");
    }
  }

  /** Numbers what it hears. */
  private class Counting implements Service<String, String>, Resumable<String> {
    private int count;
    private boolean leaves;

    @Override
    public boolean opened(Session<String> session) {
      told.add("opened");
      return true;
    }

    @Override
    public void received(Session<String> session, String line) {
      leaves = line.equals("leave when I do");
      if (line.equals("who")) {
        session.send(session.principal().map(Principal::name).orElse("nobody"));
      } else if (line.equals("bye")) {
        session.close(CloseReason.SERVICE);
      } else if (line.equals("wait")) {
        await();
      } else {
        session.send(++count + " " + line);
      }
    }

    private void await() {
      try {
        both.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public byte[] save(Session<String> session) {
      return new byte[] {(byte) count};
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {
      count = saved[0];
      told.add("resumed");
    }

    @Override
    public void away(Session<String> session) {
      told.add("away");
      session.send("while away");
      if (leaves) {
        session.close(CloseReason.SERVICE);
      }
    }

    @Override
    public void back(Session<String> session, OptionalLong last) {
      told.add("back " + last.orElseThrow());
    }

    @Override
    public void closed(Session<String> session, CloseReason why) {
      told.add("closed " + why);
    }
  }

  /** Keeps by itself what it sends. */
  private final class Keeping extends Counting implements Replaying<String> {
    @Override
    public void back(Session<String> session, OptionalLong last) {
      super.back(session, last);
      session.send("since " + last.orElseThrow());
    }
  }

  private String begin(LineClient client) throws Exception {
    String key = Objects.requireNonNull(client.says("new").hears());
    assertThat(told.take()).isEqualTo("opened");
    assertThat(client.says("one").hears()).isEqualTo("1 one");
    return key;
  }

  @Test
  void aClientFindsItsSessionWhereItLeftIt() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    client.socket.close();
    assertThat(told.take()).isEqualTo("away");
    LineClient back = one.connect().says("again " + key + " 1").says("two");
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(back.hears()).isEqualTo("2 two");
    assertThat(told.take()).isEqualTo("back 1");
    back.reset();
    assertThat(told.take()).isEqualTo("away");
    LineClient again = one.connect().says("again " + key + " 2");
    assertThat(again.hears()).isEqualTo("while away");
    assertThat(again.says("three").hears()).isEqualTo("3 three");
  }

  @Test
  void aSessionIsDescribedToWhoKnowsItsKeyWhereverItIs() throws Exception {
    LineClient client = one.connect();
    client.says("new alice");
    SessionKey key = SessionKey.parse(Objects.requireNonNull(client.hears())).orElseThrow();
    SessionDescription open = Objects.requireNonNull(one.describe(key));
    assertThat(open.listener()).isEqualTo("plain");
    assertThat(open.peer()).isEqualTo(new Peer.Unix(1, 2));
    assertThat(open.principal()).isEqualTo("alice");
    assertThat(open.state()).isEqualTo(SessionDescription.State.OPEN);
    assertThat(open.graceMs()).isEqualTo(-1);
    assertThat(other.describe(key)).as("in the other worker").isNull();
    client.reset();
    assertThat(told.take()).isEqualTo("opened");
    assertThat(told.take()).isEqualTo("away");
    SessionDescription away = Objects.requireNonNull(one.describe(key));
    assertThat(away.state()).isEqualTo(SessionDescription.State.AWAY);
    assertThat(away.graceMs()).isPositive().isLessThanOrEqualTo(3_600_000);
    assertThat(away.unsentBytes()).as("\"while away\", kept").isGreaterThan(10);
    assertThat(away.heldBytes()).isGreaterThanOrEqualTo(away.unsentBytes());
  }

  @Test
  void aNewConnectionTakesThePlaceOfOneThatOnlySeemsToBeThere() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    LineClient back = one.connect().says("again " + key + " 1");
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(client.hears()).isEqualTo("replaced");
    assertThat(client.hears()).isNull();
    assertThat(back.says("two").hears()).isEqualTo("2 two");
    assertThat(told).containsExactly("away", "back 1");
  }

  @Test
  void aNewConnectionTakesThePlaceOfOneOnWhichNothingCanBeSaidAnyMore() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    LineClient back = one.connect();
    // What follows comes to the worker at once, the client that is back first.
    var _ = one.connect().says("new").says("wait");
    assertThat(told.take()).isEqualTo("opened");
    back.says("again " + key + " 1").says("two");
    client.reset();
    both.countDown();
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(one.counts()).isEqualTo(new Departed(0, null, 1));
    assertThat(back.hears()).isEqualTo("2 two");
    assertThat(told).containsExactly("away", "back 1");
  }

  @Test
  void aSessionThatCannotLeaveItsConnectionEndsWithBoth() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    fails = true;
    LineClient back = one.connect().says("again " + key + " 1");
    assertThat(back.hears()).isNull();
    assertThat(client.hears()).isNull();
    assertThat(told.take()).isEqualTo("closed ERROR");
  }

  @Test
  void aClientFindsItsSessionInAnotherWorker() throws Exception {
    findsItsSessionInAnotherWorker();
  }

  @Test
  void anEncryptedClientDoes() throws Exception {
    Path authority = TestFiles.put("authority.pem", dir);
    tls = trusting(CredentialFiles.authorities(authority).getFirst());
    findsItsSessionInAnotherWorker();
  }

  private static SSLContext trusting(X509Certificate authority) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("authority", authority);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private void findsItsSessionInAnotherWorker() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    client.socket.close();
    assertThat(told.take()).isEqualTo("away");
    LineClient back = other.connect().says("again " + key + " 1").says("two");
    Handoff given = other.given();
    Unserved kind = (Unserved) given.kind();
    assertThat(kind.wanted()).isEqualTo(SessionKey.parse(key).orElseThrow());
    assertThat(kind.search()).isEqualTo(Search.ASK);
    one.give(given);
    assertThat(one.manager.await(Taken.class).id()).isEqualTo(given.id());
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(back.hears()).isEqualTo("2 two");
    assertThat(told.take()).isEqualTo("back 1");
    assertThat(back.says("three").hears()).isEqualTo("3 three");
  }

  @Test
  void whoDoesNotHaveItSaysSoAndTheClientIsToldWhenNobodyHas() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    client.says("bye");
    assertThat(told.take()).isEqualTo("closed SERVICE");
    for (Search outcome : List.of(Search.NOWHERE, Search.UNANSWERED)) {
      LineClient seeks = other.connect().says("again " + key + " 1");
      Handoff given = other.given();
      one.ask(given);
      assertThat(one.manager.await(Refused.class))
          .isEqualTo(new Refused(given.id(), Refusal.NOT_HERE, ""));
      other.give(given.as(((Unserved) given.kind()).after(outcome)));
      assertThat(other.manager.await(Taken.class).id()).isEqualTo(given.id());
      assertThat(seeks.hears()).isEqualTo(outcome == Search.NOWHERE ? "nowhere" : "later");
      assertThat(seeks.hears()).isNull();
    }
    assertThat(told).isEmpty();
  }

  @Test
  void aSessionOfAnotherListenerIsNotHere() throws Exception {
    String key = begin(one.connect());
    Path authority = TestFiles.put("authority.pem", dir);
    tls = trusting(CredentialFiles.authorities(authority).getFirst());
    LineClient seeks = one.connect().says("again " + key + " 1");
    Handoff given = one.given();
    one.ask(given);
    assertThat(one.manager.await(Refused.class).why()).isEqualTo(Refusal.NOT_HERE);
    one.give(given.as(((Unserved) given.kind()).after(Search.NOWHERE)));
    assertThat(seeks.hears()).isEqualTo("nowhere");
  }

  @Test
  void whatNoServerOfOursHasMadeIsFoundNowhere() throws Exception {
    String forged = new SessionKey(1, 2).toString();
    LineClient client = one.connect().says("again " + forged + " 1");
    assertThat(client.hears()).isEqualTo("nowhere");
    assertThat(client.hears()).isNull();
    assertThat(told).isEmpty();
  }

  @Test
  void theOneThatWaitsForLongestMakesRoom() throws Exception {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      LineClient client = one.connect();
      keys.add(begin(client));
      client.socket.close();
      assertThat(told.take()).isEqualTo("away");
    }
    assertThat(told.take()).isEqualTo("closed CLIENT");
    LineClient second = one.connect().says("again " + keys.get(1) + " 1");
    assertThat(second.hears()).isEqualTo("while away");
  }

  @Test
  void aServiceMayEndOneThatWaits() throws Exception {
    LineClient client = one.connect();
    var _ = begin(client);
    var _ = client.says("leave when I do").hears();
    client.socket.close();
    assertThat(told.take()).isEqualTo("away");
    assertThat(told.take()).isEqualTo("closed SERVICE");
  }

  @Test
  void oneThatWaitsMovesAndIsFoundWhereItIsThen() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    client.socket.close();
    assertThat(told.take()).isEqualTo("away");
    one.manager.send(new Message.FormInUse(SavedSession.READ), null);
    one.manager.send(new Message.AllowMigrations(1, Message.First.IDLEST), null);
    Handoff given = one.given();
    Saved kind = (Saved) given.kind();
    assertThat(kind.away()).isTrue();
    assertThat(kind.key()).isEqualTo(SessionKey.parse(key).orElseThrow());
    assertThat(descriptors).isEmpty();
    other.manager.send(given, null);
    assertThat(other.manager.await(Taken.class).id()).isEqualTo(given.id());
    assertThat(List.of(told.take(), told.take()))
        .containsExactlyInAnyOrder("closed MOVED", "resumed");
    LineClient back = other.connect().says("again " + key + " 1").says("two");
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(back.hears()).isEqualTo("2 two");
    assertThat(told.take()).isEqualTo("back 1");
    back.socket.close();
    assertThat(told.take()).isEqualTo("away");
  }

  @Test
  void aLostConnectionCountsAsAwayUntilItsClientIsBack() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    client.socket.close();
    assertThat(one.counts()).isEqualTo(new Recounted(0, null, Change.LOST, 1));
    LineClient back = one.connect().says("again " + key + " 1");
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(one.counts()).isEqualTo(new Recounted(0, null, Change.AWAY_ENDED, 1));
    back.reset();
    assertThat(one.counts()).isEqualTo(new Recounted(0, null, Change.LOST, 1));
  }

  @Test
  void aConnectionWhosePlaceAnotherTakesHasDepartedAndNothingIsAway() throws Exception {
    String key = begin(one.connect());
    LineClient back = one.connect().says("again " + key + " 1");
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(one.counts()).isEqualTo(new Departed(0, null, 1));
    assertThat(back.says("bye").hears()).isNull();
    assertThat(one.counts()).isEqualTo(new Departed(0, null, 1));
  }

  @Test
  void aSessionThatEndsWhileItsClientIsAwayIsAwayNoMore() throws Exception {
    LineClient client = one.connect();
    var _ = begin(client);
    var _ = client.says("leave when I do").hears();
    client.socket.close();
    assertThat(told.take()).isEqualTo("away");
    assertThat(told.take()).isEqualTo("closed SERVICE");
    assertThat(one.counts()).isEqualTo(new Recounted(0, null, Change.LOST, 1));
    assertThat(one.counts()).isEqualTo(new Recounted(0, null, Change.AWAY_ENDED, 1));
  }

  @Test
  void theManagerHearsThatAClientIsAwayBeforeItIsGivenTheSession() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    one.manager.send(new Message.FormInUse(SavedSession.READ), null);
    client.socket.close();
    assertThat(told.take()).isEqualTo("away");
    one.manager.send(new Message.AllowMigrations(1, Message.First.IDLEST), null);
    assertThat(one.counts()).isEqualTo(new Recounted(0, null, Change.LOST, 1));
    Handoff given = one.given();
    other.manager.send(given, null);
    assertThat(other.manager.await(Taken.class).id()).isEqualTo(given.id());
    LineClient back = other.connect().says("again " + key + " 1");
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(other.counts()).isEqualTo(new Recounted(0, null, Change.AWAY_ENDED, 1));
  }

  @Test
  void aClientBeyondALimitThatComesBackTakesThePlaceOfItsLostConnection() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    client.socket.close();
    assertThat(one.counts()).isEqualTo(new Recounted(0, null, Change.LOST, 1));
    LineClient back = one.limited().says("again " + key + " 1").says("two");
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(back.hears()).isEqualTo("2 two");
    assertThat(one.counts()).isEqualTo(new Recounted(0, null, Change.ADMITTED, 1));
    assertThat(back.says("bye").hears()).isNull();
    assertThat(one.counts()).isEqualTo(new Recounted(0, null, Change.AWAY_ENDED, 1));
    assertThat(one.counts()).isEqualTo(new Departed(0, null, 1));
  }

  @Test
  void anyOtherBeyondALimitIsToldSo() throws Exception {
    String forged = new SessionKey(1, 2).toString();
    for (String first : List.of("new", "again " + forged + " 1")) {
      LineClient client = one.limited().says(first);
      assertThat(client.hears()).isEqualTo("full");
      assertThat(client.hears()).isNull();
    }
    LineClient leaves = one.limited();
    leaves.socket.close();
    assertThat(told).isEmpty();
    LineClient served = one.connect();
    begin(served);
    assertThat(served.says("bye").hears()).isNull();
    assertThat(one.counts()).as("the others never counted").isEqualTo(new Departed(0, null, 1));
  }

  @Test
  void aClientBeyondALimitFindsItsSessionInAnotherWorker() throws Exception {
    findsItsSessionThoughBeyondALimit();
  }

  @Test
  void anEncryptedClientBeyondALimitDoes() throws Exception {
    Path authority = TestFiles.put("authority.pem", dir);
    tls = trusting(CredentialFiles.authorities(authority).getFirst());
    findsItsSessionThoughBeyondALimit();
    assertThat(one.limited().says("new").hears()).isEqualTo("full");
  }

  private void findsItsSessionThoughBeyondALimit() throws Exception {
    int listener = tls == null ? 0 : 1;
    LineClient client = one.connect();
    String key = begin(client);
    client.socket.close();
    assertThat(one.counts()).isEqualTo(new Recounted(listener, null, Change.LOST, 1));
    LineClient back = other.limited().says("again " + key + " 1").says("two");
    Handoff given = other.given();
    assertThat(((Unserved) given.kind()).beyondLimit()).isTrue();
    one.give(given);
    assertThat(one.manager.await(Taken.class).id()).isEqualTo(given.id());
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(back.hears()).isEqualTo("2 two");
    assertThat(one.counts()).isEqualTo(new Recounted(listener, null, Change.ADMITTED, 1));
    assertThat(one.counts()).isEqualTo(new Recounted(listener, null, Change.AWAY_ENDED, 1));
  }

  @Test
  void aClientBeyondALimitWhoseSessionIsNowhereIsToldThatItIsBeyondALimit() throws Exception {
    LineClient client = one.connect();
    String key = begin(client);
    client.says("bye");
    assertThat(told.take()).isEqualTo("closed SERVICE");
    for (Search outcome : List.of(Search.NOWHERE, Search.UNANSWERED)) {
      LineClient seeks = other.limited().says("again " + key + " 1");
      Handoff given = other.given();
      other.give(given.as(((Unserved) given.kind()).after(outcome)));
      assertThat(other.manager.await(Taken.class).id()).isEqualTo(given.id());
      assertThat(seeks.hears()).isEqualTo("full");
      assertThat(seeks.hears()).isNull();
    }
  }

  @Test
  void onlySoManyOfAPeerBeyondALimitAreRead() throws Exception {
    List<LineClient> silent = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      silent.add(one.limited());
    }
    LineClient next = one.limited();
    assertThat(next.hears()).as("it is told at once").isEqualTo("full");
    silent.getFirst().socket.close();
    assertThat(silent.get(1).says("new").hears()).isEqualTo("full");
    assertThat(silent.get(1).hears()).isNull();
    LineClient another = one.limited();
    assertThat(another.says("new").hears()).isEqualTo("full");
  }

  @Test
  void whatBecameOfThoseWhoCameBackIsCounted() throws Exception {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      LineClient client = one.connect();
      keys.add(begin(client));
      client.socket.close();
      assertThat(told.take()).isEqualTo("away");
    }
    assertThat(told.take()).as("max-away is 2").isEqualTo("closed CLIENT");
    LineClient second = one.connect().says("again " + keys.get(1) + " 1");
    assertThat(second.hears()).isEqualTo("while away");
    LineClient forger = one.connect().says("again " + new SessionKey(1, 2) + " 1");
    assertThat(forger.hears()).isEqualTo("nowhere");
    LineClient again = one.connect().says("again " + keys.get(1) + " 1");
    assertThat(again.hears()).as("its former connection is still there").isEqualTo("while away");
    Load.Returns expected = new Load.Returns(3, 2, 1, 0, 1, 1, 0);
    while (!one.manager.await(LoadReport.class).load().counters().returns().equals(expected)) {
      // The next report says so.
    }
  }

  @Test
  void aSessionIsItsPrincipalsWhereverItHasGone() throws Exception {
    LineClient client = one.connect();
    String key = Objects.requireNonNull(client.says("new alice").hears());
    assertThat(client.says("who").hears()).isEqualTo("alice");
    client.socket.close();
    one.manager.send(new Message.FormInUse(SavedSession.READ), null);
    one.manager.send(new Message.AllowMigrations(1, Message.First.IDLEST), null);
    Handoff given = one.given();
    other.manager.send(given, null);
    assertThat(other.manager.await(Taken.class).id()).isEqualTo(given.id());
    for (String another : List.of("bob", "")) {
      LineClient stranger = other.connect().says("again " + key + " 1 " + another);
      assertThat(stranger.hears()).isEqualTo("another's");
      assertThat(stranger.hears()).isNull();
    }
    LineClient back = other.connect().says("again " + key + " 1 alice").says("who");
    assertThat(back.hears()).isEqualTo("while away");
    assertThat(back.hears()).isEqualTo("alice");
  }

  @Test
  void nothingIsKeptOfWhatAServiceSendsThatKeepsItItself() throws Exception {
    replays = true;
    LineClient client = one.connect();
    String key = begin(client);
    client.socket.close();
    assertThat(told.take()).isEqualTo("away");
    LineClient back = one.connect().says("again " + key + " 1").says("two");
    assertThat(back.hears()).isEqualTo("since 1");
    assertThat(back.hears()).isEqualTo("2 two");
  }

  @Test
  void moreThanMaxAwayWaitForOtherMachinesToTakeThem() throws Exception {
    for (int i = 0; i < 3; i++) {
      var _ = begin(one.connect());
    }
    one.manager.send(new Message.Redirect(60_000), null);
    for (int i = 0; i < 3; i++) {
      assertThat(told.take()).isEqualTo("away");
    }
    one.manager.send(new Message.Drain(10), null);
    for (int i = 0; i < 3; i++) {
      assertThat(told.take()).isEqualTo("closed SHUTDOWN");
    }
    assertThat(one.worker.awaitEnd()).isEqualTo(Worker.End.DRAINED);
  }

  @Test
  void aDrainEndsThoseThatWait() throws Exception {
    LineClient client = one.connect();
    var _ = begin(client);
    client.socket.close();
    assertThat(told.take()).isEqualTo("away");
    one.manager.send(new Message.Drain(10), null);
    assertThat(told.take()).isEqualTo("closed SHUTDOWN");
    assertThat(one.worker.awaitEnd()).isEqualTo(Worker.End.DRAINED);
  }
}
