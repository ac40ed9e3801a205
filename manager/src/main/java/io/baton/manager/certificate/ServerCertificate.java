package io.baton.manager.certificate;

import io.baton.credentials.Credentials;
import io.baton.credentials.Identity;
import io.baton.manager.text.Units;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
    String listener, List<String> names, Path chain, Instant validFrom, Instant expires) {
  /** The time before the end from which on the operator is warned. */
  public static final Duration WARNING = Duration.ofDays(21);

  public ServerCertificate {
    names = List.copyOf(names);
  }

  static ServerCertificate of(String listener, Credentials.Files files, Identity identity) {
    return new ServerCertificate(
        listener,
        names(files, identity),
        files.chain(),
        identity.certificate().getNotBefore().toInstant(),
        identity.expiry());
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
    if (now.isBefore(validFrom)) {
      return Optional.of(
          "%s is not valid yet: it will be in %s (%s, %s); until then clients refuse it, unless the server's clock is wrong"
              .formatted(this, days(Duration.between(now, validFrom)), validFrom, chain));
    }
    if (now.isAfter(expires)) {
      return Optional.of(
          "%s expired %s ago (%s, %s) and clients refuse it; renew it and run bin/reload"
              .formatted(this, days(Duration.between(expires, now)), expires, chain));
    }
    Duration left = Duration.between(now, expires);
    return left.compareTo(WARNING) > 0
        ? Optional.empty()
        : Optional.of(
            "%s expires in %s (%s, %s); renew it and run bin/reload"
                .formatted(this, days(left), expires, chain));
  }

  private static String days(Duration time) {
    return time.toDays() == 0 ? "less than a day" : Units.count(time.toDays(), "day");
  }

  @Override
  public String toString() {
    return "certificate for " + name() + " of listener " + listener;
  }
}
