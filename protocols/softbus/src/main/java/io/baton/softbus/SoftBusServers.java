package io.baton.softbus;

import io.baton.service.Service;
import io.baton.softbus.wire.SessionName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The session servers of a listener by their names. A module offers them as a service:
 *
 * <pre>{@code
 * SoftBusSettings settings = SoftBusSettings.read(context.config());
 * SoftBusServers servers =
 *     SoftBusServers.builder(settings)
 *         .server("com.example.echo", Echo::new)
 *         .server("com.example.admin", Admin::new, SoftBusPermission.keys(Set.of(2L)), 10)
 *         .build();
 * context.service("bus", SoftBusMessage.Input.class, SoftBusMessage.Output.class, servers);
 * }</pre>
 *
 * <p>A client that names none of them, lacks permission, or comes when the server has all its
 * sessions, is refused: the service closes its connection without a reply.
 */
public final class SoftBusServers
    implements Supplier<Service<SoftBusMessage.Input, SoftBusMessage.Output>> {
  /** The most servers. */
  public static final int MAX_SERVERS = 65_536;

  private final int maxData;
  private final Map<String, NamedServer> servers;

  private SoftBusServers(int maxData, Map<String, NamedServer> servers) {
    this.maxData = maxData;
    this.servers = Map.copyOf(servers);
  }

  /** Begins a set of servers for the sessions of a codec with these settings. */
  public static Builder builder(SoftBusSettings settings) {
    return new Builder(settings.maxData());
  }

  /** Returns the service of one session. */
  @Override
  public Service<SoftBusMessage.Input, SoftBusMessage.Output> get() {
    return new SoftBusService(servers, maxData);
  }

  /** Collects servers. Not safe for threads. */
  public static final class Builder {
    private final int maxData;
    private final Map<String, NamedServer> servers = new LinkedHashMap<>();

    private Builder(int maxData) {
      this.maxData = maxData;
    }

    /** Adds a server that everybody may use who has an authentication key. */
    public Builder server(String name, Supplier<? extends SoftBusServer> factory) {
      return server(name, factory, SoftBusPermission.ALL, Integer.MAX_VALUE);
    }

    /**
     * Adds a server.
     *
     * @param name 1 to 63 bytes of UTF-8
     * @param factory makes the object of one session, in its lane
     * @param maxSessions the most sessions under this name in each worker, at least 1. A listener's
     *     {@code max-connections} bounds all its sessions together
     * @throws IllegalArgumentException if the name is taken or invalid, or a number out of range
     */
    public Builder server(
        String name,
        Supplier<? extends SoftBusServer> factory,
        SoftBusPermission permission,
        int maxSessions) {
      SessionName.require(name);
      if (maxSessions < 1) {
        throw new IllegalArgumentException(
            "server %s has %d sessions at most; allowed: 1 or more".formatted(name, maxSessions));
      }
      if (servers.size() == MAX_SERVERS) {
        throw new IllegalArgumentException(
            "server %s is one more than the %d allowed".formatted(name, MAX_SERVERS));
      }
      NamedServer server = new NamedServer(factory, permission, maxSessions, new AtomicInteger());
      if (servers.putIfAbsent(name, server) != null) {
        throw new IllegalArgumentException("there are two servers " + name);
      }
      return this;
    }

    /** Returns the servers. */
    public SoftBusServers build() {
      return new SoftBusServers(maxData, servers);
    }
  }
}
