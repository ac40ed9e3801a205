package io.baton.link.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One side of a session: what it has sent and received, whatever connection carries it. A handshake
 * makes it; {@link #save} and {@link #restore} take it to another process.
 *
 * <pre>
 *   attached --lost--> detached --handshake--> attached
 *      open --close--> closing --peer's GOODBYE--> over
 *      open or closing --abort, or a mistake of the peer--> over
 * </pre>
 *
 * <p>Not for several threads at a time: its driver has a lock or one thread for it. It never throws
 * because of what the peer sends; a mistake of the peer ends the session with a GOODBYE that says
 * so. Memory is bounded by the limits of both sides: {@link #buffered}.
 */
public final class LinkCore {
  /** The least room in a buffer that {@link #write(ByteBuffer)} needs for a frame. */
  public static final int MIN_ROOM = Frame.MIN_ROOM;

  static final int SAVED_VERSION = 2;

  private final SessionFacts facts;
  private final Asks asks = new Asks();
  private final Closing closing = new Closing();
  private final SendingHalf sending;
  private final ReceivingHalf receiving;
  private final OutgoingFrames outgoing;
  private final FrameReader reader = new FrameReader();

  /** The type sets of this side. */
  private Definitions definitions = Definitions.NONE;

  private boolean attached = true;

  /** A caller reads, or delivers. */
  private boolean busy;

  /** Something has come that says more than that the peer is there. */
  private boolean active;

  LinkCore(SessionFacts facts) {
    this.facts = facts;
    sending = new SendingHalf(facts.peer(), facts.isClient());
    MessageDelivery delivery = new MessageDelivery(asks, sending, closing);
    receiving = new ReceivingHalf(facts.limits(), facts.isClient(), delivery);
    outgoing = new OutgoingFrames(sending, receiving, closing);
  }

  private MessageSender sender() {
    return new MessageSender(facts, sending, closing, definitions, asks);
  }

  /** Returns which session this is. */
  public LinkIdentity identity() {
    return facts.identity();
  }

  /** Returns the limits of this side. */
  public Limits limits() {
    return facts.limits();
  }

  /** Returns which attempt to resume the session was the last; 0 if there was none. */
  public long attempt() {
    return facts.attempt();
  }

  /**
   * Returns the bytes that wait because the peer does not take them: of channel 0 what is queued
   * and not written, of each other channel what is kept beyond its window.
   */
  public long unsent() {
    return sending.unsent();
  }

  SessionFacts facts() {
    return facts;
  }

  SendingHalf sending() {
    return sending;
  }

  ReceivingHalf receiving() {
    return receiving;
  }

  /**
   * Writes frames: what the peer is granted first, then messages, then streams in turn.
   *
   * @param to with room for at least {@link #MIN_ROOM} bytes
   * @return the number of bytes written; 0 if there is nothing to write at present
   */
  public int write(ByteBuffer to) {
    int start = to.position();
    if (attached) {
      outgoing.write(to);
    }
    return to.position() - start;
  }

  /** Returns about how many bytes {@link #write(ByteBuffer)} would write, to size a buffer. */
  public int wanted() {
    return attached ? outgoing.wanted() : 0;
  }

  /**
   * Reads what the peer has sent, split anywhere; takes all of it.
   *
   * @throws IllegalStateException if no connection is attached
   */
  public void read(ByteBuffer from, LinkEvents events) {
    if (!attached) {
      throw new IllegalStateException("the session " + identity() + " has no connection to read");
    }
    during(events, incoming -> incoming.read(reader, from));
    from.position(from.limit());
    if (closing.isOver()) {
      reader.reset();
    }
  }

  /** Tells whether everything that was queued has been written to the connection. */
  public boolean isAllSent() {
    return sending.isAllSent();
  }

  /** Tells whether anything but PING and PONG has come since the last call. */
  public boolean takeActivity() {
    boolean was = active;
    active = false;
    return was;
  }

  /** Goes on with messages that were held back, and with the end behind them. */
  public void deliver(LinkEvents events) {
    during(events, IncomingFrames::deliver);
  }

  private void during(LinkEvents events, Consumer<IncomingFrames> work) {
    if (busy) {
      throw new IllegalStateException("a core is read by one caller at a time");
    }
    IncomingFrames incoming = new IncomingFrames(sending, receiving, closing, events);
    busy = true;
    try {
      work.accept(incoming);
    } finally {
      busy = false;
    }
    active |= incoming.isActive();
    incoming.tellEnd();
  }

  /** Keeps messages back until {@link #deliver}, from the next one on. */
  public void holdBack() {
    receiving.delivery().pause(true);
  }

  /** Tells whether messages, or the end behind them, wait for {@link #deliver}. */
  public boolean holdsBack() {
    return receiving.delivery().isPaused() || closing.isUntold();
  }

  /**
   * Defines a type set of this side, before messages use it.
   *
   * @param types from 0 to 255
   * @throws IllegalArgumentException if it is defined with other bytes, or all are too long
   */
  public void define(int types, ByteBuffer schema) {
    try {
      if (types < 0 || types > Definitions.MAX_ID) {
        throw new IllegalArgumentException("a type set is from 0 to 255, not " + types);
      }
      boolean isNew = !definitions.has(types);
      definitions = definitions.with(types, schema);
      if (isNew && attached) {
        outgoing.append(Definitions.toFrame(types, schema));
      }
    } catch (LinkProtocolException e) {
      throw new IllegalArgumentException(e.text(), e);
    }
  }

  /**
   * Defines a type set of this side, if it is not defined yet, under the next number that is free.
   *
   * @return its number
   * @throws IllegalArgumentException if all are too many, or too long
   */
  public int define(ByteBuffer schema) {
    int types = definitions.find(schema);
    if (types < 0) {
      types = definitions.count();
      define(types, schema);
    }
    return types;
  }

  /** Tells whether this side has defined a type set. */
  public boolean defines(int types) {
    return types >= 0 && definitions.has(types);
  }

  /** Shows the peer's type sets, for who restores a session. */
  public void forEachPeerDefinition(BiConsumer<Integer, ByteBuffer> each) {
    receiving.delivery().definitions().forEach(each);
  }

  /** Queues a message on channel 0, as the other method does. */
  public boolean send(int types, ByteBuffer payload) {
    return sender().send(0, types, payload);
  }

  /**
   * Queues a message; its bytes are copied.
   *
   * @param channel 0 or one of {@link #openMessages}
   * @return false if nothing was queued because the session is closing, the channel has ended or
   *     was stopped, or more than {@link Limits#maxQueued} bytes would be kept
   * @throws IllegalArgumentException if the type set is not defined
   * @throws MessageTooLongException if the peer does not take a message of this length
   */
  public boolean send(int channel, int types, ByteBuffer payload) {
    return sender().send(channel, types, payload);
  }

  /**
   * Queues an ask, which the peer answers with a REPLY or FAILED of the same number, on whatever
   * channel.
   *
   * @return its number, from 1; -1 if nothing was queued, for the reasons of {@link #send}
   * @throws IllegalStateException if 1,024 asks are open: {@link #canAsk}
   */
  public long ask(int channel, int types, ByteBuffer payload) {
    return sender().ask(channel, types, payload);
  }

  /**
   * Tells whether fewer than 1,024 own asks are open; one that is cancelled is until its answer.
   */
  public boolean canAsk() {
    return asks.hasRoom();
  }

  /**
   * Answers an ask of the peer.
   *
   * @param channel of the ask
   * @return false if it is not open: answered or cancelled; or if nothing was queued, for the
   *     reasons of {@link #send}, and the ask stays open
   */
  public boolean reply(int channel, long ask, int types, ByteBuffer payload) {
    return sender().reply(channel, channelName(channel), ask, types, payload);
  }

  /**
   * Tells the peer that its ask gets no reply. This is queued however much is.
   *
   * @param channel of the ask
   * @param code from 0 to 65,535; below 256 one of {@link LinkCode}
   * @param text cut to 1,024 bytes
   * @return false if the ask is not open, or the session is closing
   */
  public boolean fail(int channel, long ask, int code, String text) {
    return sender().fail(channel, channelName(channel), ask, code, text);
  }

  /**
   * Gives an own ask up; its answer will not be told. The peer hears of it unless the channel has
   * ended.
   *
   * @param channel of the ask
   * @return false if the ask is not open, or the session is closing
   */
  public boolean cancel(int channel, long ask) {
    return sender().cancel(channel, ask);
  }

  /** Gives all own asks up. */
  public void cancelAsks() {
    sender().cancelAll();
  }

  /** Returns how many asks of the peer are not answered. */
  public int openAsks() {
    return asks.peersCount();
  }

  /** Returns how many own asks are not answered, cancelled ones included. */
  public int ownAsks() {
    return asks.ownCount();
  }

  /** Returns how many byte streams and message channels are open, in both directions together. */
  public int openChannels() {
    return receiving.count() + sending.count();
  }

  /** Returns how many byte streams and message channels of this side are open, of 64. */
  public int ownChannels() {
    return sending.taken();
  }

  /** Returns what there is to say of each of them: first of the peer's, then of this side's. */
  public List<ChannelFacts> channels() {
    List<ChannelFacts> all = new ArrayList<>();
    receiving.describe(all);
    sending.describe(all);
    return all;
  }

  /** Returns the name of a message channel of the peer; empty for channel 0, or if it is over. */
  public String channelName(int channel) {
    InboundMessages its = receiving.messages(channel);
    return its == null ? "" : its.name();
  }

  /**
   * Opens a message channel to the peer, whose messages have an order and a window of their own.
   * {@link LinkStreams#end} ends it.
   *
   * @param name up to 255 bytes of UTF-8
   * @return its number, the same for the same name as long as it is open; -1 if 64 channels are
   *     open already, or the session is closing
   */
  public int openMessages(String name) {
    LinkStreams.checkName(name);
    OutboundMessages known = sending.messages(name);
    if (known != null || closing.isClosing()) {
      return known == null ? -1 : known.channel;
    }
    return sending.openMessages(name);
  }

  /** Returns the length of the longest payload that the peer takes in a message of any kind. */
  public int maxPayload() {
    return facts.peer().maxPayload();
  }

  /** Tells whether less than the peer's window is queued for messages on channel 0. */
  public boolean writable() {
    return writable(0);
  }

  /** Tells whether a channel takes messages and less than the peer's window is queued for it. */
  public boolean writable(int channel) {
    OutboundMessages its = sending.messages(channel);
    return its != null && !closing.isClosing() && its.room() > 0;
  }

  /** Returns the bytes that are kept for the peer, sent or not. */
  public long queued() {
    return sending.queued();
  }

  /** Acknowledges processed messages of channel 0, as the other method does. */
  public void consumed(int size) {
    consumed(0, size);
  }

  /**
   * Acknowledges processed messages.
   *
   * @param size as given with the message, or the sum of several of the same channel
   * @throws IllegalArgumentException if it is more than was given
   */
  public void consumed(int channel, int size) {
    try {
      receiving.processed(channel, size);
    } catch (LinkProtocolException e) {
      closing.abort(e.code().number(), e.text(), false);
      receiving.drop();
    }
  }

  /** Tells whether something is consumed that the peer was not told. */
  public boolean hasUngranted() {
    return attached && !closing.isOver() && receiving.hasUngranted();
  }

  /** Has everything that is consumed told to the peer by the next write. */
  public void grantAll() {
    receiving.grantAll();
  }

  /**
   * Detaches the connection, which is gone. Frames that are half read or half written count not.
   */
  public void lost() {
    attached = false;
    reader.reset();
    outgoing.lost();
  }

  /** Tells whether a connection carries the session. */
  public boolean attached() {
    return attached;
  }

  /** Detaches the connection; returns the last bytes for it, which tell the peer SUPERSEDED. */
  public ByteBuffer superseded() {
    boolean silent = !attached || closing.isOver();
    if (!silent) {
      String text = "another connection took over";
      outgoing.append(new Closing.Goodbye(LinkCode.SUPERSEDED.number(), text, true).toFrame());
    }
    ByteBuffer last = outgoing.lost();
    lost();
    return last;
  }

  /**
   * Ends the session after what was sent before. It is over when the peer has answered, be it on
   * another connection.
   */
  public void close(LinkCode code, String text) {
    close(code.number(), text);
  }

  /**
   * Ends the session as the other method does. Streams that are read from sources are cut.
   *
   * @param code from 0 to 65,535; below 256 one of {@link LinkCode}
   */
  public void close(int code, String text) {
    closing.close(LinkCode.checked(code), text);
    sending.cutSources(LinkCode.BYE.number());
  }

  /** Ends the session at once; what is not sent is dropped. */
  public void abort(LinkCode code, String text) {
    abort(code.number(), text);
  }

  /**
   * Ends the session at once, as the other method does.
   *
   * @param code from 0 to 65,535; below 256 one of {@link LinkCode}
   */
  public void abort(int code, String text) {
    closing.abort(LinkCode.checked(code), text, true);
    sending.closeSources();
  }

  /** Tells whether the session takes no more messages to send. */
  public boolean isClosing() {
    return closing.isClosing();
  }

  /** Tells whether nothing more is read; the connection ends when nothing is left to write. */
  public boolean isOver() {
    return closing.isOver();
  }

  /** Returns the bytes of memory held for the peer. */
  public long buffered() {
    return sending.buffered()
        + receiving.buffered()
        + definitions.bytes()
        + asks.bytes()
        + outgoing.buffered()
        + reader.buffered();
  }

  /** Returns the byte streams of this session. */
  public LinkStreams streams() {
    return new LinkStreams(facts, sending, receiving, closing);
  }

  /** Closes the sources of streams: the core is given up, or goes on as what was saved of it. */
  public void closeSources() {
    sending.closeSources();
  }

  /** Asks the peer for its time. */
  public void ping(long t1) {
    outgoing.control().ping(t1);
  }

  /** Answers the peer's {@link LinkEvents#pinged}. */
  public void pong(long t1, long t2, long t3) {
    outgoing.control().pong(t1, t2, t3);
  }

  /** Tells the client that the server is about to stop. */
  public void goAway(LinkCode code, long comeBackMillis) {
    outgoing.control().goAway(code, comeBackMillis);
  }

  /** Returns what HELLO or WELCOME of a resume says of this side. */
  Offsets offsets() {
    return receiving.offsets();
  }

  /**
   * Continues on a new connection from what the peer has got.
   *
   * @throws LinkProtocolException DIVERGED if that does not fit, with nothing changed
   */
  void resume(Offsets peers) throws LinkProtocolException {
    sending.resume(peers);
    lost();
    outgoing.resume(definitions);
    attached = true;
  }

  /** Returns the whole state, half frames included, as bytes. */
  public byte[] save() {
    ByteSink to = new ByteSink().u8(SAVED_VERSION);
    facts.save(to);
    to.flag(attached);
    sending.save(to);
    receiving.save(to);
    closing.save(to);
    definitions.save(to);
    outgoing.save(to);
    asks.save(to);
    reader.save(to);
    return to.toBytes();
  }

  private void restore(ByteSource from, Sources sources) throws LinkProtocolException {
    attached = from.flag();
    sending.restore(from, sources);
    receiving.restore(from);
    closing.restore(from);
    definitions = Definitions.restore(from);
    outgoing.restore(from);
    asks.restore(from);
    reader.restore(from);
    from.end();
  }

  /** Makes a core of saved bytes; streams that were read from sources end with ERROR. */
  public static LinkCore restore(byte[] saved) {
    return restore(
        saved,
        source -> {
          throw new IOException("no sources");
        });
  }

  /**
   * Makes a core of saved bytes.
   *
   * @throws IllegalArgumentException if they are not those of a core, saying what is wrong
   */
  public static LinkCore restore(byte[] saved, Sources sources) {
    try {
      ByteSource from = new ByteSource("the saved session", ByteBuffer.wrap(saved));
      int version = from.u8();
      if (version != SAVED_VERSION) {
        throw new LinkProtocolException("version %d; known is 2".formatted(version));
      }
      LinkCore core = new LinkCore(SessionFacts.restore(from));
      core.restore(from, sources);
      return core;
    } catch (LinkProtocolException e) {
      throw new IllegalArgumentException(
          "not a saved session of Link: %s (%d bytes)".formatted(e.text(), saved.length), e);
    }
  }

  @Override
  public String toString() {
    return "%s, %s".formatted(facts, attached ? "attached" : "detached");
  }
}
