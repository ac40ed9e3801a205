package io.baton.manager.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.baton.manager.history.LoadHistory;
import io.baton.manager.history.LoadSample;
import io.baton.manager.history.ServerEvent;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/** What has been, as JSON: the answers of {@code /history} and {@code /events}. */
final class HistoryJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final double NANOS_PER_MILLI = 1e6;

  private HistoryJson() {}

  private interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  /** Writes samples, in the order that they have. */
  static String ofSamples(List<LoadSample> samples) {
    return object(json -> {
      json.writeNumberField("intervalSeconds", LoadHistory.PERIOD_MS / 1000);
      json.writeNumberField("maxSamples", LoadHistory.MAX);
      json.writeArrayFieldStart("samples");
      for (LoadSample each : samples) {
        json.writeStartObject();
        json.writeStringField("at", each.at().toString());
        json.writeNumberField("connections", each.connections());
        json.writeNumberField(
            "messagesPerSecond", Math.round(each.messagesPerSecond() * 10) / 10.0);
        if (each.latencyP99Nanos().isPresent()) {
          json.writeNumberField(
              "latencyP99Millis", each.latencyP99Nanos().getAsLong() / NANOS_PER_MILLI);
        } else {
          json.writeNullField("latencyP99Millis");
        }
        json.writeNumberField("errors", each.errors());
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  /** Writes events, in the order that they have. */
  static String ofEvents(List<ServerEvent> events) {
    return object(json -> {
      json.writeArrayFieldStart("events");
      for (ServerEvent each : events) {
        json.writeStartObject();
        json.writeStringField("at", each.at().toString());
        json.writeStringField("level", each.level().name().toLowerCase(Locale.ROOT));
        json.writeStringField("text", each.text());
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  private static String object(Content content) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      content.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter has no I/O to fail
    }
    return text.append('\n').toString();
  }
}
