package io.baton.worker.codec.link;

import io.baton.codec.Protocol;
import io.baton.config.CodecSettings;
import io.baton.config.PeerRange;
import io.baton.link.core.Limits;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.service.Peer;
import io.baton.service.Service;
import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.identity.Guard;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The services of one listener, by the names that clients ask for. Immutable.
 *
 * @param byName in the order of the configuration
 * @param limits of their sessions
 * @param counters of what authenticators decide
 * @param refusals counts the clients that are refused
 * @param comeBackMs when clients may come back that are told that the server stops, at the
 *     earliest; at twice that time at the latest
 */
public record LinkServices(
    Map<String, LinkServices.Named> byName,
    Limits limits,
    AuthenticationCounters counters,
    LinkRefusals refusals,
    long comeBackMs) {

  /**
   * A service and who may open it.
   *
   * @param name that clients ask for
   * @param service makes the service of one session
   * @param allow only these peers; empty: all
   * @param tokens of which a client has to know one; empty: it needs none
   * @param guard decides on clients' credentials; empty: nobody does
   */
  public record Named(
      String name,
      Supplier<? extends Service<LinkInput, LinkOutput>> service,
      List<PeerRange> allow,
      List<byte[]> tokens,
      Optional<Guard> guard) {
    public Named {
      allow = List.copyOf(allow);
      tokens = List.copyOf(tokens);
    }

    /** Whether this peer may ask for it. */
    boolean permits(Peer peer) {
      return PeerRange.permits(allow, peer);
    }

    /** What is spoken in its sessions. */
    Protocol<LinkInput, LinkOutput> protocol(LinkCodec codec) {
      return new Protocol<>(name, codec, service);
    }
  }

  /** Makes those of a listener whose clients may come back at once. */
  public LinkServices(
      Map<String, LinkServices.Named> byName, Limits limits, AuthenticationCounters counters) {
    this(byName, limits, counters, new LinkRefusals(), 0);
  }

  public LinkServices {
    byName = new LinkedHashMap<>(byName);
  }

  /** Returns the limits of sessions, as they are configured. */
  public static Limits limits(CodecSettings.Link link) {
    return new Limits(
        link.window(), link.maxMessage(), link.sessionWindow(), Integer.MAX_VALUE); // max-pending
  }

  /** Returns the service of this name; null if there is none. */
  @Nullable Named find(String name) {
    return byName.get(name);
  }

  /** Returns the names of what this peer may ask for. */
  List<String> permitted(Peer peer) {
    return byName.values().stream().filter(its -> its.permits(peer)).map(Named::name).toList();
  }

  /**
   * Returns what is spoken once a client has been let in, by all its sessions and those that move
   * here.
   */
  public List<Protocol<?, ?>> protocols() {
    LinkCodec codec = new LinkCodec(comeBackMs);
    return byName.values().stream().<Protocol<?, ?>>map(its -> its.protocol(codec)).toList();
  }
}
