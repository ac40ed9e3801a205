package io.baton.manager;

import io.baton.manager.admin.AdminSocket;
import io.baton.manager.admin.AdminSocket.CommandException;
import io.baton.manager.admin.SessionAnswer;
import io.baton.manager.admin.SessionJson;
import io.baton.manager.admin.SessionName;
import io.baton.manager.admin.SessionTable;
import io.baton.manager.admin.Status;
import io.baton.manager.admin.StatusJson;
import io.baton.manager.admin.StatusTable;
import io.baton.manager.fleet.Outcome;
import io.baton.manager.text.Units;
import io.baton.posix.DescriptorUse;
import io.baton.service.SessionKey;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Obeys the commands that come through the admin socket, on its threads. */
final class Operator implements AdminSocket.Handler {
  /** As many as {@code baton.workers} may say. */
  private static final int MAX_WORKERS = 256;

  /** After drain-timeout nothing that takes long is left to do. */
  private static final long END_MARGIN_MS = 10_000;

  private static final String COMMANDS =
      "status [--json], session ID [--json], stop [--now], reload [--abort], recycle [SLOT] and"
          + " scale N";

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
      if (command.equals("reload")) {
        Reply reply = reloads.reload("bin/reload");
        return new Reply(reply.status(), reply.text() + "\n");
      }
      return new Reply(Reply.DONE, textOf(command));
    } catch (TimeoutException e) {
      throw new CommandException("the manager's thread does not answer");
    } catch (Failure e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  private String textOf(String command)
      throws CommandException, Failure, InterruptedException, TimeoutException {
    return switch (command) {
      case "status" -> StatusTable.render(source.status().with(DescriptorUse::of));
      case "status --json" -> StatusJson.render(source.status().with(DescriptorUse::of));
      case "stop" -> stop(false);
      case "stop --now" -> stop(true);
      case "reload --abort" -> reloads.abort() + "\n";
      case "recycle" -> recycle(List.of());
      default -> obeyWithArgument(command);
    };
  }

  private String obeyWithArgument(String command)
      throws CommandException, Failure, InterruptedException, TimeoutException {
    String[] words = command.split(" ", 2);
    String argument = words.length == 2 ? words[1] : "";
    return switch (words[0]) {
      case "session" -> session(argument);
      case "recycle" -> recycle(List.of(number("recycle", argument, 0, MAX_WORKERS - 1)));
      case "scale" -> scale(number("scale", argument, 1, MAX_WORKERS));
      default ->
          throw new CommandException("unknown command \"" + command + "\"; there are " + COMMANDS);
    };
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
    throw new CommandException(
        "%s: found \"%s\", allowed a number from %d to %d".formatted(command, text, least, most));
  }

  private String session(String argument)
      throws CommandException, InterruptedException, TimeoutException {
    boolean json = argument.endsWith(JSON);
    String name = json ? argument.substring(0, argument.length() - JSON.length()) : argument;
    SessionKey key =
        SessionName.parse(name)
            .orElseThrow(() -> new CommandException(SessionName.complaint(name)));
    return switch (manager.requests().session(key)) {
      case SessionAnswer.Found found ->
          json ? SessionJson.render(found) : SessionTable.render(found);
      case SessionAnswer.Missing missing -> throw new CommandException(missing.why());
    };
  }

  private String recycle(List<Integer> slots) throws Failure, InterruptedException {
    Outcome outcome = manager.requests().recycle(slots);
    succeed(outcome, "no worker is recycled");
    return OutcomeLine.recycle(outcome) + "\n";
  }

  private String scale(int workers) throws Failure, InterruptedException {
    Outcome outcome = manager.requests().scale(workers);
    succeed(outcome, "the number of workers stays as it is");
    return OutcomeLine.scale(outcome, workers) + "\n";
  }

  private static void succeed(Outcome outcome, String otherwise) throws Failure {
    if (outcome.end() == Outcome.End.FAILED || outcome.end() == Outcome.End.REFUSED) {
      throw new Failure(otherwise + ": " + outcome.failure());
    }
  }

  private String stop(boolean now) throws InterruptedException, CommandException {
    long since = System.nanoTime();
    long drainTimeoutMs = manager.generation().settings().fleet().drainTimeoutMs();
    manager.requests().stop(now);
    try {
      ended.get(drainTimeoutMs + END_MARGIN_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new CommandException("the server has not ended after its drain-timeout: " + e);
    }
    return "stopped in %s%npid %d%n"
        .formatted(
            Units.duration(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since)),
            ProcessHandle.current().pid());
  }
}
