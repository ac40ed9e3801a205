package io.baton.pipe;

import io.baton.pipe.Load.Authentications;
import io.baton.pipe.Load.Broker;
import io.baton.pipe.Load.BrokerState;
import io.baton.pipe.Load.Callbacks;
import io.baton.pipe.Load.Counters;
import io.baton.pipe.Load.Handshakes;
import io.baton.pipe.Load.Memory;
import io.baton.pipe.Load.Mesh;
import io.baton.pipe.Load.Returns;
import io.baton.pipe.Load.Shed;

/**
 * The bytes of a {@link Load}: its numbers in the order of the records, none of them negative.
 *
 * <pre>
 * i32 connections, inFlight, busyPermille (at most 1000), queueDepth
 * i64 heapUsedBytes, rssBytes, cpuNanos, gcPauseNanos
 * i64 x 12 counters, i64 x 4 shed, i64 x 3 handshakes, i64 x 7 returns, i64 x 9 authentications,
 * u8 n, n times (text code, i64) refusals of Link, i64 dropped lines, i64 x 5 memory, i64 x 3 callbacks
 * i32 links, i64 x 4 mesh, u8 state of the broker, i32 machines, i64 x 3 broker
 * </pre>
 */
final class LoadCodec {
  private static final int MAX_PERMILLE = 1_000;

  private LoadCodec() {}

  static void write(Load load, FieldWriter to) {
    to.i32(load.connections())
        .i32(load.inFlight())
        .i32(load.busyPermille())
        .i32(load.queueDepth())
        .i64(load.heapUsedBytes())
        .i64(load.rssBytes())
        .i64(load.cpuNanos())
        .i64(load.gcPauseNanos());
    write(load.counters(), to);
    write(load.memory(), to);
    Callbacks callbacks = load.callbacks();
    to.i64(callbacks.ringNanos()).i64(callbacks.virtualNanos()).i64(callbacks.standstillNanos());
    Mesh mesh = load.mesh();
    to.i32(mesh.links())
        .i64(mesh.sent())
        .i64(mesh.received())
        .i64(mesh.dropped())
        .i64(mesh.waitingBytes());
    Broker broker = mesh.broker();
    to.u8(broker.state().code)
        .i32(broker.machines())
        .i64(broker.published())
        .i64(broker.received())
        .i64(broker.dropped());
  }

  static Load read(FieldReader from) throws MalformedMessageException {
    Load load =
        new Load(
            from.count32(),
            from.count32(),
            from.count32(),
            from.count32(),
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64(),
            readCounters(from),
            readMemory(from),
            new Callbacks(from.count64(), from.count64(), from.count64()),
            new Mesh(
                from.count32(),
                from.count64(),
                from.count64(),
                from.count64(),
                from.count64(),
                readBroker(from)));
    if (load.busyPermille() > MAX_PERMILLE) {
      throw new MalformedMessageException("a busy share of " + load.busyPermille() + " permille");
    }
    return load;
  }

  private static Broker readBroker(FieldReader from) throws MalformedMessageException {
    return new Broker(
        from.oneOf(BrokerState.values(), state -> state.code, "state of a broker"),
        from.count32(),
        from.count64(),
        from.count64(),
        from.count64());
  }

  private static void write(Counters counters, FieldWriter to) {
    to.i64(counters.taken())
        .i64(counters.closed())
        .i64(counters.messagesIn())
        .i64(counters.messagesOut())
        .i64(counters.bytesIn())
        .i64(counters.bytesOut())
        .i64(counters.errors())
        .i64(counters.movedIn())
        .i64(counters.movedOut())
        .i64(counters.overflowed())
        .i64(counters.deniedOrigins())
        .i64(counters.unanswered());
    Shed shed = counters.shed();
    to.i64(shed.heldBack()).i64(shed.refused()).i64(shed.evicted()).i64(shed.unspooled());
    Handshakes handshakes = counters.handshakes();
    to.i64(handshakes.full()).i64(handshakes.resumed()).i64(handshakes.failed());
    Returns returns = counters.returns();
    to.i64(returns.lost())
        .i64(returns.resumed())
        .i64(returns.superseded())
        .i64(returns.expired())
        .i64(returns.displaced())
        .i64(returns.forged())
        .i64(returns.later());
    Authentications authentications = counters.authentications();
    to.i64(authentications.begun())
        .i64(authentications.accepted())
        .i64(authentications.unauthenticated())
        .i64(authentications.forbidden())
        .i64(authentications.unavailable())
        .i64(authentications.limited())
        .i64(authentications.failed())
        .i64(authentications.timedOut())
        .i64(authentications.abandoned());
    counters.linkRefusals().write(to);
    to.i64(counters.accessLogDropped());
  }

  private static Counters readCounters(FieldReader from) throws MalformedMessageException {
    return new Counters(
        from.count64(),
        from.count64(),
        from.count64(),
        from.count64(),
        from.count64(),
        from.count64(),
        from.count64(),
        from.count64(),
        from.count64(),
        from.count64(),
        from.count64(),
        from.count64(),
        new Shed(from.count64(), from.count64(), from.count64(), from.count64()),
        new Handshakes(from.count64(), from.count64(), from.count64()),
        new Returns(
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64()),
        new Authentications(
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64(),
            from.count64()),
        Refusals.read(from),
        from.count64());
  }

  private static void write(Memory memory, FieldWriter to) {
    to.i64(memory.held())
        .i64(memory.budget())
        .i64(memory.direct())
        .i64(memory.directLimit())
        .i64(memory.spooled());
  }

  private static Memory readMemory(FieldReader from) throws MalformedMessageException {
    return new Memory(
        from.count64(), from.count64(), from.count64(), from.count64(), from.count64());
  }
}
