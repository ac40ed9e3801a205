package io.baton.manager;

import com.fasterxml.jackson.core.JsonGenerator;
import io.baton.manager.fleet.DrainOutcome;
import io.baton.manager.fleet.Outcome;
import io.baton.manager.text.JsonText;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Results of commands as JSON objects. The names of their fields stay. */
final class CommandJson {
  private CommandJson() {}

  /** Returns the result of a check. */
  static String check(CheckCommand.Result result) {
    return JsonText.object(json -> {
      json.writeStringField("file", result.file().toString());
      json.writeBooleanField("valid", result.isValid());
      texts(json, "mistakes", result.mistakes());
      texts(json, "warnings", result.warnings());
      json.writeNumberField("listeners", result.listeners());
      json.writeNumberField("workers", result.workers());
      json.writeNumberField("certificates", result.certificates());
      json.writeNumberField("modules", result.modules());
    });
  }

  /**
   * Returns how a replacement of workers ended.
   *
   * @param text the lines that say the same
   */
  static String outcome(Outcome outcome, String text) {
    return JsonText.object(json -> {
      json.writeStringField("command", outcome.kind().name().toLowerCase(Locale.ROOT));
      json.writeStringField("result", outcome.end().name().toLowerCase(Locale.ROOT));
      json.writeNumberField("fromGeneration", outcome.from());
      json.writeNumberField("generation", outcome.to());
      json.writeNumberField("started", outcome.started());
      json.writeNumberField("ended", outcome.ended());
      json.writeNumberField("migrated", outcome.migrated());
      json.writeNumberField("finished", outcome.finished());
      json.writeNumberField("closed", outcome.closed());
      json.writeNumberField("seconds", outcome.ms() / 1000.0);
      texts(json, "details", outcome.details());
      json.writeStringField("text", text.strip());
    });
  }

  /** Returns what a command has done. */
  static String reply(String command, Reply reply) {
    Outcome outcome = reply.outcome();
    DrainOutcome drained = reply.drained();
    if (outcome != null) {
      return outcome(outcome, reply.text());
    }
    return drained == null
        ? done(command.split(" ", 2)[0], reply.text())
        : drained(drained, reply.text());
  }

  /**
   * Returns how a stop ended that was to have other machines take the sessions.
   *
   * @param text the lines that say the same
   */
  static String drained(DrainOutcome outcome, String text) {
    return JsonText.object(json -> {
      json.writeStringField("command", "stop");
      json.writeStringField("result", "done");
      switch (outcome) {
        case DrainOutcome.Counted its -> {
          json.writeBooleanField("drained", true);
          json.writeNumberField("taken", its.taken());
          json.writeNumberField("ended", its.ended());
          json.writeNumberField("lost", its.lost());
          json.writeNumberField("lostWithWorkers", its.lostWithWorkers());
        }
        case DrainOutcome.Undrained its -> {
          json.writeBooleanField("drained", false);
          json.writeStringField("reason", its.why());
        }
      }
      json.writeStringField("text", text.strip());
    });
  }

  /** Returns what a command did of which there is no more to say. */
  static String done(String command, String text) {
    return JsonText.object(json -> {
      json.writeStringField("command", command);
      json.writeStringField("result", "done");
      json.writeStringField("text", text.strip());
    });
  }

  /** Returns that a command was not carried out, and why. */
  static String failure(String command, int status, String message) {
    return JsonText.object(json -> {
      json.writeStringField("command", command);
      json.writeStringField("result", "failed");
      json.writeNumberField("status", status);
      json.writeStringField("error", message);
    });
  }

  private static void texts(JsonGenerator json, String name, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String each : texts) {
      json.writeString(each);
    }
    json.writeEndArray();
  }
}
