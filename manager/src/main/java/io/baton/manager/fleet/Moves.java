package io.baton.manager.fleet;

/**
 * Connections that workers gave: how many are on their way, and what became of those that were.
 * Each is counted as migrated, returned or stranded.
 */
final class Moves {
  private int underWay;
  private long migrated;
  private long returned;
  private long stranded;

  /** The manager has it. */
  void begun(Worker source) {
    source.away++;
    underWay++;
  }

  /** A worker has it, perhaps the one that gave it. */
  void arrived(Worker source, Worker taker) {
    leftManager(source);
    if (taker == source) {
      returned++;
      return;
    }
    migrated++;
    if (source.leave != null) {
      source.leave.migrated++;
    }
  }

  /** No worker would have it. */
  void ended(Worker source) {
    leftManager(source);
    lost(source);
  }

  /** It was given and never came. */
  void lost(Worker source) {
    stranded++;
    if (source.leave != null) {
      source.leave.closed++;
    }
  }

  private void leftManager(Worker source) {
    source.away--;
    underWay--;
  }

  /** Connections that nobody serves now. */
  int underWay() {
    return underWay;
  }

  /** Of those given, all that are somebody's again, or ended. */
  long settled() {
    return migrated + returned + stranded;
  }

  /** Those that another worker has taken. */
  long migrated() {
    return migrated;
  }

  /** Those that went back. */
  long returned() {
    return returned;
  }

  /** Those that ended. */
  long stranded() {
    return stranded;
  }
}
