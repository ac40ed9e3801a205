package io.baton.worker.load;

import io.baton.pipe.Load;
import io.baton.pipe.Refusals;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What this worker has and has done, in plain fields: all of it is counted on the event loop. Tells
 * its watcher when connections or held messages change, for the reports that cannot wait.
 */
public final class WorkerCounters {
  private int connections;
  private int inFlight;
  private long taken;
  private long closed;
  private long messagesIn;
  private long messagesOut;
  private long bytesIn;
  private long bytesOut;
  private long errors;
  private long movedIn;
  private long movedOut;
  private long overflowed;
  private long unanswered;
  private long heldBack;
  private long refusedForMemory;
  private long evicted;
  private long lost;
  private long resumed;
  private long superseded;
  private long expired;
  private long displaced;
  private long forged;
  private long later;
  private Runnable watcher = () -> {};
  private LongSupplier unspooled = () -> 0;
  private LongSupplier deniedOrigins = () -> 0;
  private Supplier<Load.Handshakes> handshakes = () -> Load.Handshakes.NONE;

  private Supplier<Load.Authentications> authentications = () -> Load.Authentications.NONE;
  private Supplier<Refusals> linkRefusals = () -> Refusals.NONE;
  private LongSupplier accessLogDropped = () -> 0;

  /** Runs after each change of {@link #connections} and each message that stays in flight. */
  public void watch(Runnable watcher) {
    this.watcher = watcher;
  }

  /** Where it is counted how many bodies found no room on the disk. */
  public void unspooled(LongSupplier count) {
    unspooled = count;
  }

  /** Where it is counted how many WebSockets pages of other origins wanted to open. */
  public void deniedOrigins(LongSupplier count) {
    deniedOrigins = count;
  }

  /** Where it is counted how many lines of access logs were dropped. */
  public void accessLogDropped(LongSupplier count) {
    accessLogDropped = count;
  }

  /** Where TLS handshakes are counted. */
  public void handshakes(Supplier<Load.Handshakes> count) {
    handshakes = count;
  }

  /** Where the decisions of authenticators are counted. */
  public void authentications(Supplier<Load.Authentications> count) {
    authentications = count;
  }

  /** Where clients are counted that were refused a session of Link. */
  public void linkRefusals(Supplier<Refusals> count) {
    linkRefusals = count;
  }

  public int connections() {
    return connections;
  }

  public int inFlight() {
    return inFlight;
  }

  public void connectionTaken() {
    taken++;
    connections++;
    watcher.run();
  }

  public void connectionClosed() {
    closed++;
    connections--;
    watcher.run();
  }

  /** A connection came from another worker. */
  public void connectionArrived() {
    movedIn++;
    connections++;
    watcher.run();
  }

  /** A connection went to another worker. */
  public void connectionLeft() {
    movedOut++;
    connections--;
    watcher.run();
  }

  public void messageReceived() {
    messagesIn++;
    inFlight++;
  }

  /** The message just received is not processed yet though the service returned. */
  public void messageHeld() {
    watcher.run();
  }

  public void messageProcessed() {
    inFlight--;
  }

  public void messageSent() {
    messagesOut++;
  }

  public void bytesIn(int bytes) {
    bytesIn += bytes;
  }

  public void bytesOut(int bytes) {
    bytesOut += bytes;
  }

  /** A connection is not read because it holds too much. */
  public void heldBack() {
    heldBack++;
  }

  /** A message was refused because there is no memory for it. */
  public void refusedForMemory() {
    refusedForMemory++;
  }

  /** A connection was ended because it held too much. */
  public void evicted() {
    evicted++;
  }

  public void error() {
    errors++;
  }

  /** A session ends because its client took too little of what was sent. */
  public void overflowed() {
    overflowed++;
  }

  /** A session ends because its service does not answer. */
  public void unanswered() {
    unanswered++;
  }

  /** A session goes on without its connection. */
  public void lost() {
    lost++;
  }

  /** A client is back on its session. */
  public void resumed() {
    resumed++;
  }

  /** A client is back on its session, which still had its former connection. */
  public void superseded() {
    superseded++;
  }

  /** A session ends because its client stayed away for too long. */
  public void expired() {
    expired++;
  }

  /** A session that was away ends because too many are. */
  public void displaced() {
    displaced++;
  }

  /** A client named a key that was never one. */
  public void forged() {
    forged++;
  }

  /** A client that looks for its session is told to try again later. */
  public void later() {
    later++;
  }

  public Load.Counters counters() {
    return new Load.Counters(
        taken,
        closed,
        messagesIn,
        messagesOut,
        bytesIn,
        bytesOut,
        errors,
        movedIn,
        movedOut,
        overflowed,
        deniedOrigins.getAsLong(),
        unanswered,
        new Load.Shed(heldBack, refusedForMemory, evicted, unspooled.getAsLong()),
        handshakes.get(),
        new Load.Returns(lost, resumed, superseded, expired, displaced, forged, later),
        authentications.get(),
        linkRefusals.get(),
        accessLogDropped.getAsLong());
  }
}
