package io.baton.manager.history;

import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * The last {@value #MAX} things that have happened to the server: starts and deaths of workers,
 * reloads, refused clients. Each is logged and kept by one call, so that the log and the status
 * page have the same text. Thread safe.
 */
public final class ServerEvents {
  /** The number of events that are kept. */
  public static final int MAX = 100;

  /** Characters of a text that are kept; a dead worker's last words may be many. */
  static final int MAX_TEXT = 1_000;

  /** A service's exception may name a session, whose id is only for who asks for it by command. */
  private static final Pattern SESSION_ID = Pattern.compile("\\b[0-9a-fA-F]{32}\\b");

  private final InstantSource clock;
  private final Ring<ServerEvent> events = new Ring<>(MAX);

  /**
   * Makes an empty list of events.
   *
   * @param clock the time of day
   */
  public ServerEvents(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Logs a line and keeps it, ids of sessions masked.
   *
   * @param log of the class that has something to say
   * @param text the whole line
   */
  public void report(Logger log, Level level, String text) {
    log.atLevel(level).log(text);
    events.add(new ServerEvent(clock.instant(), level, shown(text)));
  }

  private static String shown(String text) {
    // Masked first: half an id would not be recognized.
    String masked = SESSION_ID.matcher(text).replaceAll("(id)");
    return masked.length() <= MAX_TEXT ? masked : masked.substring(0, MAX_TEXT) + "…";
  }

  /** Returns the events, the oldest first. */
  public List<ServerEvent> all() {
    return events.all();
  }
}
