package io.baton.systemtest;

/** A class that the author of a module forgot to pack. */
final class NotInTheJar {
  private NotInTheJar() {}

  static String use() {
    return "it was packed";
  }
}
