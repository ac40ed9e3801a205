package io.baton.manager;

import io.baton.manager.admin.SessionsQuery;
import io.baton.manager.text.Ages;
import io.baton.pipe.SessionFilter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that lists sessions, and ends one. */
@Command(
    name = "sessions",
    customSynopsis = {
      "bin/sessions [--listener NAME] [--peer PEER] [--principal NAME]",
      "                    [--older AGE] [--state STATE] [--limit N] [--json]",
      "       bin/sessions --close ID [--json]"
    },
    description = {
      "Lists the sessions of all workers, the oldest first, or ends one of them.",
      "",
      "Exit status: 0 done; 1 no worker has the session to end, or standard error says",
      "why there is no list; 2 wrong command line, or no such listener; 3 no server is",
      "running."
    })
final class SessionsCommand implements Callable<Integer> {
  private static final List<String> FILTERS =
      List.of("--listener", "--peer", "--principal", "--older", "--state", "--limit");

  @Mixin Main.Where where = new Main.Where();

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  CommandSpec spec;

  @Option(names = "--listener", paramLabel = "NAME", description = "Only those of this listener.")
  String listener = "";

  @Option(
      names = "--peer",
      paramLabel = "PEER",
      description =
          "Only those of clients with this address: an address or network such as 10.0.0.0/8 or"
              + " 2001:db8::/32, \"cid N\" or \"uid N\".")
  String peer = "";

  @Option(names = "--principal", paramLabel = "NAME", description = "Only those of this principal.")
  String principal = "";

  @Option(
      names = "--older",
      paramLabel = "AGE",
      description = "Only those that are at least so old: 90s, 10m, 2h, 1d.")
  @Nullable String older;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only those in this state: open, away, moving or ending.")
  String state = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Lists at most so many, the oldest; default: 100, at most 10000.")
  int limit = SessionsQuery.DEFAULT_LIMIT;

  @Option(names = "--json", description = "Prints JSON.")
  boolean json;

  @Option(
      names = "--close",
      paramLabel = "ID",
      description =
          "Ends this session with its protocol's goodbye, once its service has processed what it has"
              + " received. ID as in the list, or as in bin/session.")
  @Nullable String close;

  @Override
  public Integer call() throws Failure {
    requireNoFilterOfClose();
    String command =
        close == null
            ? "sessions " + (json ? "--json " : "") + query().words()
            : "close-session " + close + (json ? " --json" : "");
    return Main.print(Main.control(where).ask(command));
  }

  /** What ends one session selects no others: a filter beside it is a slip. */
  private void requireNoFilterOfClose() {
    if (close == null) {
      return;
    }
    for (String filter : FILTERS) {
      if (spec.commandLine().getParseResult().hasMatchedOption(filter)) {
        throw new ParameterException(
            spec.commandLine(), "--close and %s exclude each other".formatted(filter));
      }
    }
  }

  private SessionsQuery query() {
    try {
      long olderMs = olderMs();
      if (limit < 1 || limit > SessionsQuery.MAX_LIMIT) {
        throw new IllegalArgumentException(
            "limit: found %d, allowed 1 to %d".formatted(limit, SessionsQuery.MAX_LIMIT));
      }
      SessionFilter filter =
          new SessionFilter(
              listener,
              SessionsQuery.peers(peer),
              principal,
              SessionsQuery.state(state),
              Long.MAX_VALUE);
      return new SessionsQuery(filter, olderMs, limit);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  private long olderMs() {
    try {
      return older == null ? 0 : Ages.millis(older);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("older: " + e.getMessage(), e);
    }
  }
}
