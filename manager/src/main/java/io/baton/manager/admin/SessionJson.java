package io.baton.manager.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.baton.manager.admin.SessionAnswer.Found;
import io.baton.manager.fleet.LivingWorker;
import io.baton.manager.text.JsonText;
import io.baton.pipe.SessionDescription;
import io.baton.service.Peer;
import java.io.IOException;
import java.util.Locale;

/** One session as JSON. */
public final class SessionJson {
  private SessionJson() {}

  public static String render(Found found) {
    return JsonText.object(json -> {
      json.writeStringField("id", found.key().toString());
      worker(json, found.worker());
      session(json, found.session());
      details(json, found.session());
    });
  }

  static void worker(JsonGenerator json, LivingWorker worker) throws IOException {
    json.writeObjectFieldStart("worker");
    json.writeNumberField("slot", worker.slot());
    json.writeNumberField("pid", worker.pid());
    json.writeNumberField("generation", worker.generation());
    json.writeEndObject();
  }

  static void session(JsonGenerator json, SessionDescription session) throws IOException {
    json.writeStringField("listener", session.listener());
    json.writeStringField("service", session.service());
    json.writeStringField("peer", session.peer().toString());
    Peer via = session.via();
    json.writeStringField("via", via == null ? null : via.toString());
    json.writeStringField("principal", session.principal().isEmpty() ? null : session.principal());
    json.writeStringField("state", session.state().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("sinceSeconds", session.sinceMs() / 1000.0);
    if (session.graceMs() < 0) {
      json.writeNullField("graceSeconds");
    } else {
      json.writeNumberField("graceSeconds", session.graceMs() / 1000.0);
    }
    json.writeNumberField("heldBytes", session.heldBytes());
    json.writeNumberField("unsentBytes", session.unsentBytes());
    json.writeNumberField("unprocessed", session.unprocessed());
  }

  private static void details(JsonGenerator json, SessionDescription session) throws IOException {
    json.writeObjectFieldStart("details");
    for (SessionDescription.Detail detail : session.details()) {
      json.writeStringField(detail.name(), detail.value());
    }
    json.writeEndObject();
  }
}
