package io.baton.manager.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.baton.manager.fleet.LivingWorker;
import io.baton.manager.text.JsonText;
import io.baton.pipe.SessionRef;
import io.baton.service.SessionKey;
import java.io.IOException;

/** Sessions as JSON: what {@code bin/sessions --json} prints. */
public final class SessionListJson {
  private SessionListJson() {}

  public static String render(SessionList.Listed list) {
    return JsonText.object(json -> {
      json.writeNumberField("matching", list.matching());
      json.writeArrayFieldStart("sessions");
      for (SessionList.Row row : list.rows()) {
        row(json, row);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("unanswered");
      for (LivingWorker worker : list.silent()) {
        json.writeStartObject();
        json.writeNumberField("slot", worker.slot());
        json.writeNumberField("pid", worker.pid());
        json.writeNumberField("generation", worker.generation());
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  private static void row(JsonGenerator json, SessionList.Row row) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", Long.toString(row.listed().id()));
    SessionKey key = row.listed().key();
    json.writeStringField("key", key == null ? null : new SessionRef.ByKey(key).toString());
    json.writeNumberField("ageSeconds", row.ageMs() / 1000.0);
    json.writeNumberField("idleSeconds", row.listed().idleMs() / 1000.0);
    SessionJson.worker(json, row.worker());
    SessionJson.session(json, row.listed().session());
    json.writeEndObject();
  }
}
