package io.baton.manager.top;

import com.fasterxml.jackson.core.JsonGenerator;
import io.baton.manager.text.JsonText;
import io.baton.manager.top.Rates.ListenerRates;
import io.baton.manager.top.Rates.WorkerRates;
import java.io.IOException;

/** The live view as JSON: what {@code bin/top --json} prints. */
public final class TopJson {
  private TopJson() {}

  /** Returns it as one object. */
  public static String render(Rates rates) {
    return JsonText.object(json -> {
      json.writeNumberField("seconds", rates.seconds());
      json.writeArrayFieldStart("workers");
      for (WorkerRates each : rates.workers()) {
        worker(json, each);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("listeners");
      for (ListenerRates each : rates.listeners()) {
        json.writeStartObject();
        json.writeStringField("name", each.name());
        json.writeStringField("endpoint", each.endpoint());
        json.writeStringField("state", each.state());
        json.writeNumberField("open", each.open());
        json.writeNumberField("acceptedPerSecond", each.accepted());
        json.writeNumberField("rejectedPerSecond", each.rejected());
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  private static void worker(JsonGenerator json, WorkerRates worker) throws IOException {
    json.writeStartObject();
    json.writeNumberField("slot", worker.slot());
    json.writeNumberField("pid", worker.pid());
    json.writeStringField("state", worker.state());
    json.writeNumberField("loopBusy", worker.busy());
    json.writeNumberField("connections", worker.connections());
    json.writeNumberField("messagesPerSecond", worker.messages());
    json.writeNumberField("bytesInPerSecond", worker.bytesIn());
    json.writeNumberField("bytesOutPerSecond", worker.bytesOut());
    json.writeNumberField("cpuSecondsPerSecond", worker.cpu());
    json.writeNumberField("heapUsedBytes", worker.heap());
    json.writeNumberField("rssBytes", worker.rss());
    json.writeNumberField("queueDepth", worker.queue());
    json.writeEndObject();
  }
}
