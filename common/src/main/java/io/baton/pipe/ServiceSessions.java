package io.baton.pipe;

import java.util.Comparator;

/**
 * Sessions of one service of a listener.
 *
 * @param listener index into the configuration's listeners, or its number in the manager
 * @param service name of the protocol that is spoken, one of the listener's: a route's path, for
 *     example; empty for the one that the listener begins with. At most {@link
 *     Message#MAX_PROTOCOL_BYTES} of UTF-8
 */
public record ServiceSessions(int listener, String service, SessionCounts counts) {
  /** Those with most sessions first, and a fixed order of those with as many. */
  public static final Comparator<ServiceSessions> MOST_FIRST =
      Comparator.<ServiceSessions>comparingLong(each -> each.counts().sessions())
          .reversed()
          .thenComparingInt(ServiceSessions::listener)
          .thenComparing(ServiceSessions::service);

  /** Returns the same, by another number of its listener. */
  public ServiceSessions at(int other) {
    return new ServiceSessions(other, service, counts);
  }
}
