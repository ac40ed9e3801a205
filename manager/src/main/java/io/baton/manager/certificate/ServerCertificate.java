package io.baton.manager.certificate;

import io.baton.credentials.Credentials;
import io.baton.credentials.Identity;
import io.baton.manager.text.Units;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that a listener shows its clients, without its key.
 *
 * @param listener the listener's name
 * @param names the hosts that it is for; without any, its subject or, if that is empty, its file:
 *     there is always one
 * @param chain the file that it was read from
 * @param validFrom clients refuse it before
 * @param expires clients refuse it from then on
 */
public record ServerCertificate(
    String listener, List<String> names, Path chain, Limit validFrom, Limit expires) {
  /** The time before the end from which on the operator is warned. */
  public static final Duration WARNING = Duration.ofDays(21);

  /**
   * A time at which clients begin, or cease, to accept the chain: the latest beginning and the
   * earliest end of its certificates.
   *
   * @param issuer the subject of the certificate whose time it is; null if it is that of the server
   *     itself
   */
  public record Limit(Instant at, @Nullable String issuer) {
    /** One of the server's own certificate. */
    public static Limit own(Instant at) {
      return new Limit(at, null);
    }

    private static Limit of(Instant at, X509Certificate whose, Identity identity) {
      return whose.equals(identity.certificate())
          ? own(at)
          : new Limit(at, whose.getSubjectX500Principal().getName());
    }
  }

  public ServerCertificate {
    names = List.copyOf(names);
  }

  static ServerCertificate of(String listener, Credentials.Files files, Identity identity) {
    X509Certificate begins = identity.lastToBegin();
    X509Certificate ends = identity.firstToExpire();
    return new ServerCertificate(
        listener,
        names(files, identity),
        files.chain(),
        Limit.of(begins.getNotBefore().toInstant(), begins, identity),
        Limit.of(ends.getNotAfter().toInstant(), ends, identity));
  }

  private static List<String> names(Credentials.Files files, Identity identity) {
    List<String> hosts = identity.names();
    if (!hosts.isEmpty()) {
      return hosts;
    }
    String subject = identity.certificate().getSubjectX500Principal().getName();
    return List.of(subject.isEmpty() ? files.chain().toString() : subject);
  }

  /** Returns the first of its names. */
  public String name() {
    return names.getFirst();
  }

  /** Returns a line for the operator if clients refuse it at that time, or soon will. */
  Optional<String> problem(Instant now) {
    Instant begin = validFrom.at();
    if (now.isBefore(begin)) {
      return Optional.of(
          "%s is not valid yet: it will be in %s (%s, %s); until then clients refuse it, unless the server's clock is wrong"
              .formatted(whose(validFrom), days(Duration.between(now, begin)), begin, chain));
    }
    Instant end = expires.at();
    if (now.isAfter(end)) {
      return Optional.of(
          "%s expired %s ago (%s, %s) and clients refuse it; %s and run bin/reload"
              .formatted(
                  whose(expires), days(Duration.between(end, now)), end, chain, remedy(expires)));
    }
    Duration left = Duration.between(now, end);
    return left.compareTo(WARNING) > 0
        ? Optional.empty()
        : Optional.of(
            "%s expires in %s (%s, %s); %s and run bin/reload"
                .formatted(whose(expires), days(left), end, chain, remedy(expires)));
  }

  private String whose(Limit limit) {
    return limit.issuer() == null
        ? toString()
        : "certificate of issuer %s, in the chain of that for %s of listener %s,"
            .formatted(limit.issuer(), name(), listener);
  }

  private static String remedy(Limit limit) {
    return limit.issuer() == null ? "renew it" : "put its successor into the file";
  }

  private static String days(Duration time) {
    return time.toDays() == 0 ? "less than a day" : Units.count(time.toDays(), "day");
  }

  @Override
  public String toString() {
    return "certificate for " + name() + " of listener " + listener;
  }
}
