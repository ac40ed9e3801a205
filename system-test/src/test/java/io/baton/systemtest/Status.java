package io.baton.systemtest;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /status} says.
 *
 * @param json all of it
 */
record Status(
    long pid,
    String state,
    boolean ready,
    int generation,
    List<Listener> listeners,
    List<Worker> workers,
    Map<String, @Nullable Object> json) {

  record Listener(
      String name,
      long accepted,
      long refused,
      long limited,
      long denied,
      long open,
      String state,
      @Nullable String problem) {

    private Listener since(Listener before) {
      return new Listener(
          name,
          accepted - before.accepted,
          refused - before.refused,
          limited - before.limited,
          denied - before.denied,
          open,
          state,
          problem);
    }
  }

  record Worker(
      int slot,
      long pid,
      int generation,
      String state,
      int connections,
      int untaken,
      long taken,
      int restarts,
      long heldBytes,
      long spooledBytes,
      Mesh mesh,
      @Nullable String problem) {

    boolean isReady() {
      return state.equals("ready");
    }

    /** It has been replaced and gives its connections away. */
    boolean isLeaving() {
      return state.equals("leaving");
    }
  }

  /** What a worker exchanges with the others. */
  record Mesh(int links, long sent, long received, long dropped, long waitingBytes) {}

  /** The same, with counts of what has happened since an earlier one of the same process. */
  Status since(Status before) {
    if (before.pid != pid) {
      return this;
    }
    Map<String, @Nullable Object> counted = new LinkedHashMap<>(json);
    Map<String, @Nullable Object> totals = new LinkedHashMap<>(totals());
    totals.replaceAll((key, its) -> its instanceof Number ? total(key) - before.total(key) : its);
    counted.put("totals", totals);
    List<Listener> since =
        listeners.stream()
            .map(listener ->
                before.listeners.stream()
                    .filter(former -> former.name().equals(listener.name()))
                    .findFirst()
                    .map(listener::since)
                    .orElse(listener))
            .toList();
    return new Status(pid, state, ready, generation, since, workers, counted);
  }

  double uptimeSeconds() {
    return ((Number) requireNonNull(json.get("uptimeSeconds"))).doubleValue();
  }

  /** The manager's. */
  long openDescriptors() {
    return number(json, "openDescriptors");
  }

  static Status parse(String text) throws IOException {
    Map<String, @Nullable Object> json = Json.object(text);
    return new Status(
        number(json, "pid"),
        text(json, "state"),
        Boolean.TRUE.equals(json.get("ready")),
        (int) number(json, "generation"),
        objects(json, "listeners").stream().map(Status::listener).toList(),
        objects(json, "workers").stream().map(Status::worker).toList(),
        json);
  }

  private static Listener listener(Map<String, @Nullable Object> json) {
    return new Listener(
        text(json, "name"),
        number(json, "accepted"),
        number(json, "refused"),
        number(json, "limited"),
        number(json, "denied"),
        number(json, "open"),
        text(json, "state"),
        (String) json.get("problem"));
  }

  private static Worker worker(Map<String, @Nullable Object> json) {
    return new Worker(
        (int) number(json, "slot"),
        number(json, "pid"),
        (int) number(json, "generation"),
        text(json, "state"),
        (int) number(json, "connections"),
        (int) number(json, "untaken"),
        number(json, "taken"),
        (int) number(json, "restarts"),
        number(json, "heldBytes"),
        number(json, "spooledBytes"),
        mesh(json),
        (String) json.get("problem"));
  }

  @SuppressWarnings("unchecked") // an object's keys are texts
  private static Mesh mesh(Map<String, @Nullable Object> worker) {
    Map<String, @Nullable Object> json =
        (Map<String, @Nullable Object>) requireNonNull(worker.get("mesh"));
    return new Mesh(
        (int) number(json, "links"),
        number(json, "sent"),
        number(json, "received"),
        number(json, "dropped"),
        number(json, "waitingBytes"));
  }

  @SuppressWarnings("unchecked") // an object's keys are texts
  static List<Map<String, @Nullable Object>> objects(
      Map<String, @Nullable Object> json, String key) {
    return (List<Map<String, @Nullable Object>>) requireNonNull(json.get(key), key);
  }

  private static long number(Map<String, @Nullable Object> json, String key) {
    return ((Number) requireNonNull(json.get(key), key)).longValue();
  }

  private static String text(Map<String, @Nullable Object> json, String key) {
    return (String) requireNonNull(json.get(key), key);
  }

  /** Open sessions of one of a listener's services, by its name. */
  long sessions(String listener, String service) {
    long sessions = 0;
    for (Map<String, @Nullable Object> each : objects(json, "listeners")) {
      for (Map<String, @Nullable Object> its : objects(each, "services")) {
        if (text(each, "name").equals(listener) && text(its, "name").equals(service)) {
          sessions += number(its, "sessions");
        }
      }
    }
    return sessions;
  }

  Listener listener(String name) {
    return listeners.stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow();
  }

  Worker worker(int slot) {
    return workers.get(slot);
  }

  /** The processes of its workers, in the order of their slots. */
  List<Long> pids() {
    return workers.stream().map(Worker::pid).toList();
  }

  /** One of the sums, e.g. {@code recalled}. */
  long total(String key) {
    return number(totals(), key);
  }

  /** Clients that were refused a session of Link with this code. */
  @SuppressWarnings("unchecked") // as below
  long linkRefusals(String code) {
    Map<String, @Nullable Object> all =
        (Map<String, @Nullable Object>) requireNonNull(totals().get("linkRefusals"));
    return all.containsKey(code) ? number(all, code) : 0;
  }

  @SuppressWarnings("unchecked") // an object's keys are texts
  private Map<String, @Nullable Object> totals() {
    return (Map<String, @Nullable Object>) requireNonNull(json.get("totals"));
  }

  boolean allReady() {
    return workers.stream().allMatch(Worker::isReady);
  }

  /** All workers are ready and as many as there are to be, and none are being replaced. */
  boolean isSettled() {
    return state.equals("running") && allReady() && json.get("replacing") == null;
  }
}
