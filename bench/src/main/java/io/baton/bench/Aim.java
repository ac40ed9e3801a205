package io.baton.bench;

/** What a report says about something that is aimed at. */
final class Aim {
  private Aim() {}

  /** Returns an item of a list, without the end of the line. */
  static String judged(String aim, String found, boolean isReached) {
    return "- " + aim + ": " + found + ", " + (isReached ? "reached" : "missed");
  }
}
