package io.baton.manager;

import io.baton.config.Settings;
import io.baton.manager.text.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/** What is different between the settings that serve and those that are to follow. */
record Changes(Settings now, Settings next) {

  /** What only a restart can change, one line each. */
  List<String> impossible() {
    List<String> lines = new ArrayList<>();
    impossible("name", settings -> settings.server().name(), lines);
    impossible("user", settings -> quoted(settings.server().user()), lines);
    impossible("group", settings -> quoted(settings.server().group()), lines);
    impossible(
        "scheduling",
        settings -> settings.server().scheduling().name().toLowerCase(Locale.ROOT),
        lines);
    impossible("run-dir", settings -> settings.server().runDir(), lines);
    impossible("log-dir", settings -> settings.server().logDir(), lines);
    impossible("admin.host", settings -> settings.server().admin().host(), lines);
    impossible("admin.port", settings -> settings.server().admin().port(), lines);
    impossible("admin.hosts", settings -> settings.server().admin().hosts(), lines);
    return lines;
  }

  /** An empty one would not be seen. */
  private static String quoted(String name) {
    return '"' + name + '"';
  }

  private void impossible(String key, Function<Settings, Object> value, List<String> lines) {
    if (differ(value)) {
      lines.add(
          "%s cannot be changed by a reload: it is %s and would be %s; restart the server for that"
              .formatted(key, value.apply(now), value.apply(next)));
    }
  }

  private boolean differ(Function<Settings, Object> value) {
    return !Objects.equals(value.apply(now), value.apply(next));
  }

  /** For the log, in one line. */
  String describe() {
    List<String> parts = new ArrayList<>();
    listeners(parts);
    if (differ(Settings::workers)) {
      parts.add("%s instead of %d".formatted(Units.count(next.workers(), "worker"), now.workers()));
    }
    List<String> blocks = new ArrayList<>();
    Map<String, Function<Settings, Object>> all = new TreeMap<>();
    all.put("cluster", Settings::cluster);
    all.put("codecs", Settings::codecs);
    all.put("fleet", Settings::fleet);
    all.put("max-connections", settings -> settings.server().maxConnections());
    all.put("modules", settings -> settings.modules().blocks());
    all.put("modules-dir", settings -> settings.modules().directory());
    all.put("worker", Settings::worker);
    all.forEach((name, value) -> {
      if (differ(value)) {
        blocks.add(name);
      }
    });
    list("other settings of", blocks, parts);
    return parts.isEmpty() ? "no setting is new" : String.join("; ", parts);
  }

  private void listeners(List<String> parts) {
    Map<String, Settings.Listener> former = byName(now);
    List<String> added = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    for (Settings.Listener listener : next.listeners()) {
      Settings.Listener had = former.remove(listener.name());
      if (had == null) {
        added.add(listener.name());
      } else if (!had.equals(listener)) {
        changed.add(listener.name());
      }
    }
    list("new listeners", added, parts);
    list("changed listeners", changed, parts);
    list("without listeners", List.copyOf(former.keySet()), parts);
  }

  private static Map<String, Settings.Listener> byName(Settings settings) {
    Map<String, Settings.Listener> all = new TreeMap<>();
    settings.listeners().forEach(listener -> all.put(listener.name(), listener));
    return all;
  }

  private static void list(String what, List<String> names, List<String> parts) {
    if (!names.isEmpty()) {
      parts.add(what + " " + String.join(", ", names));
    }
  }
}
