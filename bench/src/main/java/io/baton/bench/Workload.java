package io.baton.bench;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What clients do in a leg, and what is hoped for. */
enum Workload {
  CONNECT("new connection, 16 bytes there and back, reset", 32, "C limit"),
  HTTP_NEW("HTTP, a new connection for each request", 64, "nginx"),
  HTTP_KEEP("HTTP, keep-alive", 64, "nginx"),
  ECHO("64 bytes there and back", 64, "C limit"),
  HTTPS_NEW("HTTPS, a new connection for each request of 64 B", 64, Tools.NETTY),
  HTTPS_64("HTTPS, keep-alive, 64 B", 64, Tools.NETTY),
  HTTPS_1K("HTTPS, keep-alive, 1 KB", 64, Tools.NETTY);

  /** A ratio of Baton's median to another's. */
  record Target(boolean ofCpu, String reference, double bound) {
    static Target cpuAtMost(String reference, double bound) {
      return new Target(true, reference, bound);
    }

    static Target rateAtLeast(String reference, double bound) {
      return new Target(false, reference, bound);
    }

    /** What the ratio is made of. */
    double of(Leg leg) {
      return ofCpu ? leg.cpuEach() : leg.perSecond();
    }

    boolean isReached(double ratio) {
      return ofCpu ? ratio <= bound : ratio >= bound;
    }

    @Override
    public String toString() {
      return (ofCpu ? "CPU ≤ " : "rate ≥ ") + bound + " × " + reference;
    }
  }

  private final String text;
  private final int connections;
  private final String reference;

  Workload(String text, int connections, String reference) {
    this.text = text;
    this.connections = connections;
    this.reference = reference;
  }

  String text() {
    return text + ", " + connections + " at a time";
  }

  int connections() {
    return connections;
  }

  /** The name of the peer that the others are compared to. */
  String reference() {
    return reference;
  }

  /** What is hoped for. */
  List<Target> targets() {
    return switch (this) {
      case CONNECT ->
          List.of(
              Target.cpuAtMost(reference, 1.25),
              Target.rateAtLeast(reference, 0.95),
              Target.rateAtLeast("Node cluster", 2));
      case HTTP_NEW -> List.of(Target.cpuAtMost(reference, 1.5));
      case HTTP_KEEP -> List.of(Target.cpuAtMost(reference, 1.0));
      case ECHO -> List.of(Target.rateAtLeast(reference, 0.95));
      case HTTPS_NEW -> List.of(Target.rateAtLeast(reference, 0.95));
      case HTTPS_64, HTTPS_1K -> List.of(Target.cpuAtMost(reference, 1.1));
    };
  }

  /** Another peer that Baton's CPU is compared to, without a target. */
  Optional<String> alsoBeside() {
    return switch (this) {
      case CONNECT, HTTP_NEW, HTTP_KEEP, ECHO -> Optional.empty();
      case HTTPS_NEW, HTTPS_64, HTTPS_1K -> Optional.of(Tools.NGINX);
    };
  }

  /** Where a peer offers it. */
  OptionalInt port(Peer peer) {
    return switch (this) {
      case CONNECT, ECHO -> peer.echo();
      case HTTP_NEW, HTTP_KEEP -> peer.http();
      case HTTPS_NEW, HTTPS_64, HTTPS_1K -> peer.https();
    };
  }
}
