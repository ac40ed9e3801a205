package io.baton.manager;

import io.baton.log.OneLine;
import io.baton.manager.admin.AdminSocket;
import io.baton.manager.admin.AdminSocket.CommandException;
import io.baton.manager.admin.AdminSocket.WrongCommandException;
import io.baton.manager.admin.SessionAnswer;
import io.baton.manager.admin.SessionJson;
import io.baton.manager.admin.SessionList;
import io.baton.manager.admin.SessionListJson;
import io.baton.manager.admin.SessionListTable;
import io.baton.manager.admin.SessionName;
import io.baton.manager.admin.SessionTable;
import io.baton.manager.admin.SessionsQuery;
import io.baton.manager.admin.Status;
import io.baton.manager.admin.StatusJson;
import io.baton.manager.admin.StatusTable;
import io.baton.manager.fleet.DrainOutcome;
import io.baton.manager.fleet.Outcome;
import io.baton.manager.fleet.StopMode;
import io.baton.manager.text.Units;
import io.baton.pipe.SessionRef;
import io.baton.posix.DescriptorUse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Obeys the commands that come through the admin socket, on its threads. */
final class Operator implements AdminSocket.Handler {
  private static final Logger log = LoggerFactory.getLogger(Operator.class);

  /** As many as {@code baton.workers} may say. */
  private static final int MAX_WORKERS = 256;

  /** After drain-timeout nothing that takes long is left to do. */
  private static final long END_MARGIN_MS = 10_000;

  private static final String COMMANDS =
      "status [--json], session ID [--json], sessions [--json] FILTER ..., close-session ID [--json],"
          + " stop [--now | --drain], reload [--abort] [--json], recycle [SLOT] [--json] and scale N [--json]";

  private static final String JSON = " --json";

  /** How things are. */
  interface StatusSource {
    Status status() throws TimeoutException, InterruptedException;
  }

  private final Manager manager;
  private final Reloads reloads;
  private final StatusSource source;
  private final CompletableFuture<Void> ended;

  /**
   * @param ended completed when the server has ended
   */
  Operator(Manager manager, Reloads reloads, StatusSource source, CompletableFuture<Void> ended) {
    this.manager = manager;
    this.reloads = reloads;
    this.source = source;
    this.ended = ended;
  }

  @Override
  public String obey(String command) throws CommandException, InterruptedException {
    Reply reply = replyTo(command);
    return (reply.status() == Reply.DONE ? "ok" : "ok " + reply.status()) + "\n" + reply.text();
  }

  private Reply replyTo(String command) throws CommandException, InterruptedException {
    try {
      boolean json = command.endsWith(JSON);
      String bare = json ? command.substring(0, command.length() - JSON.length()) : command;
      Reply reply = change(bare);
      if (reply == null) {
        return new Reply(Reply.DONE, textOf(command));
      }
      String text = json ? CommandJson.reply(command, reply) : reply.text();
      return new Reply(reply.status(), isStop(bare) ? text + pid() : text);
    } catch (TimeoutException e) {
      throw new CommandException("the manager's thread does not answer");
    } catch (Failure e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  private static boolean isStop(String command) {
    return command.split(" ", 2)[0].equals("stop");
  }

  /** The last line of an answer of which the asker then waits for the end of this process. */
  private static String pid() {
    return "pid %d%n".formatted(ProcessHandle.current().pid());
  }

  /** Obeys a command that changes something; null if it is another one. */
  private @Nullable Reply change(String command)
      throws CommandException, Failure, InterruptedException {
    String[] words = command.split(" ", 2);
    String argument = words.length == 2 ? words[1] : "";
    return switch (words[0]) {
      case "stop" -> stop(argument);
      case "reload" -> reload(argument);
      case "recycle" ->
          recycle(
              argument.isEmpty()
                  ? List.of()
                  : List.of(number("recycle", argument, 0, MAX_WORKERS - 1)));
      case "scale" -> scale(number("scale", argument, 1, MAX_WORKERS));
      default -> null;
    };
  }

  private Reply reload(String option) throws CommandException, Failure, InterruptedException {
    return switch (option) {
      case "" -> {
        Reply reply = reloads.reload("bin/reload");
        yield new Reply(reply.status(), reply.text() + "\n", reply.outcome(), reply.drained());
      }
      case "--abort" -> new Reply(Reply.DONE, reloads.abort() + "\n");
      default -> throw unknown("reload " + option);
    };
  }

  private String textOf(String command)
      throws CommandException, InterruptedException, TimeoutException {
    String[] words = command.split(" ", 2);
    String argument = words.length == 2 ? words[1] : "";
    return switch (words[0]) {
      case "status" -> {
        Status status = source.status().with(DescriptorUse::of);
        yield switch (argument) {
          case "" -> StatusTable.render(status);
          case "--json" -> StatusJson.render(status);
          default -> throw unknown(command);
        };
      }
      case "session" -> session(argument, false);
      case "close-session" -> session(argument, true);
      case "sessions" -> sessions(argument);
      default -> throw unknown(command);
    };
  }

  private static CommandException unknown(String command) {
    return new CommandException("unknown command \"" + command + "\"; there are " + COMMANDS);
  }

  private static int number(String command, String text, int least, int most)
      throws CommandException {
    try {
      int n = Integer.parseInt(text);
      if (n >= least && n <= most) {
        return n;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw new WrongCommandException(
        "%s: found \"%s\", allowed a number from %d to %d".formatted(command, text, least, most));
  }

  private String session(String argument, boolean close)
      throws CommandException, InterruptedException, TimeoutException {
    boolean json = argument.endsWith(JSON);
    String name = json ? argument.substring(0, argument.length() - JSON.length()) : argument;
    SessionRef session =
        SessionName.parse(name)
            .orElseThrow(() -> new WrongCommandException(SessionName.complaint(name)));
    Requests requests = manager.requests();
    switch (close ? requests.endSession(session) : requests.session(session)) {
      case SessionAnswer.Found found -> {
        if (close) {
          log.info("session {} of {} ends: bin/sessions --close", name, found.session().peer());
        }
        String text = close ? SessionTable.closing(found) : SessionTable.render(found);
        return json ? SessionJson.render(found) : text;
      }
      case SessionAnswer.Missing missing -> throw new CommandException(missing.why());
    }
  }

  private String sessions(String argument)
      throws CommandException, InterruptedException, TimeoutException {
    boolean json = argument.startsWith("--json");
    SessionsQuery query;
    try {
      query = SessionsQuery.parse(json ? argument.substring("--json".length()) : argument);
    } catch (IllegalArgumentException e) {
      throw new WrongCommandException(String.valueOf(e.getMessage()));
    }
    switch (manager.requests().sessions(query)) {
      case SessionList.Listed list -> {
        if (list.matching() == 0 && list.silent().isEmpty()) {
          requireListener(query.filter().listener());
        }
        return json ? SessionListJson.render(list) : SessionListTable.render(list);
      }
      case SessionList.Refused refused -> throw new CommandException(refused.why());
    }
  }

  /** A listener without sessions is one of the configuration, or a slip. */
  private void requireListener(String name)
      throws CommandException, InterruptedException, TimeoutException {
    List<String> all = source.status().listeners().stream().map(Status.ListenerView::name).toList();
    if (!name.isEmpty() && !all.contains(name)) {
      throw new WrongCommandException(
          "--listener: found \"%s\", allowed %s"
              .formatted(OneLine.escaped(name), String.join(", ", all)));
    }
  }

  private Reply recycle(List<Integer> slots) throws Failure, InterruptedException {
    Outcome outcome = manager.requests().recycle(slots);
    succeed(outcome, "no worker is recycled");
    return new Reply(Reply.DONE, OutcomeLine.recycle(outcome) + "\n", outcome);
  }

  private Reply scale(int workers) throws Failure, InterruptedException {
    Outcome outcome = manager.requests().scale(workers);
    succeed(outcome, "the number of workers stays as it is");
    return new Reply(Reply.DONE, OutcomeLine.scale(outcome, workers) + "\n", outcome);
  }

  private static void succeed(Outcome outcome, String otherwise) throws Failure {
    if (outcome.end() == Outcome.End.FAILED || outcome.end() == Outcome.End.REFUSED) {
      throw new Failure(otherwise + ": " + outcome.failure());
    }
  }

  private Reply stop(String option) throws InterruptedException, CommandException {
    StopMode mode = StopMode.of(option).orElseThrow(() -> unknown("stop " + option));
    long since = System.nanoTime();
    long drainTimeoutMs = manager.generation().settings().fleet().drainTimeoutMs();
    manager.requests().stop(mode);
    try {
      ended.get(drainTimeoutMs + END_MARGIN_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new CommandException("the server has not ended after its drain-timeout: " + e);
    }
    String stopped =
        "stopped in %s%n"
            .formatted(Units.duration(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since)));
    if (mode != StopMode.DRAIN) {
      return new Reply(Reply.DONE, stopped);
    }
    DrainOutcome drained = manager.drainOutcome();
    String text = stopped + OutcomeLine.drain(drained) + "\n";
    return new Reply(Reply.DONE, text, null, drained);
  }
}
