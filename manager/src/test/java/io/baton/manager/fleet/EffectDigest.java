package io.baton.manager.fleet;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A digest of everything that the fleet wants done in many simulated lives: how often each kind of
 * effect, and a checksum of all of them in their order. Two versions of the fleet that print the
 * same digest for the same seeds have decided alike.
 */
final class EffectDigest {
  private final Map<String, Long> counts = new TreeMap<>();
  private final CRC32C checksum = new CRC32C();

  void add(Effect effect) {
    String kind = kind(effect);
    if (effect instanceof Effect.Tell tell && tell.message() instanceof Message.FormInUse) {
      counts.merge("Tell readable", 1L, Long::sum); // decides nothing about clients or workers
      return;
    }
    counts.merge(kind, 1L, Long::sum);
    checksum.update((kind + content(effect) + '\n').getBytes(StandardCharsets.UTF_8));
  }

  private static String kind(Effect effect) {
    return effect instanceof Effect.Place place
        ? switch (place.kind()) {
          case HandoffKind.Fresh _ -> "Place fresh";
          case HandoffKind.BeyondLimit _ -> "Place beyond limit";
          case HandoffKind.Unserved unserved -> "Place unserved " + unserved.search();
          case HandoffKind.Saved saved -> saved.returned() ? "Place returned" : "Place saved";
        }
        : effect.getClass().getSimpleName();
  }

  /** Its content, as far as possible independent of how the program calls its types. */
  private static String content(Effect effect) {
    return switch (effect) {
      case Effect.Place e ->
          " " + e.handoff() + " " + e.worker() + " " + e.listener() + " " + e.peer();
      case Effect.Switch e -> " " + e.to().number();
      default -> effect.toString();
    };
  }

  @Override
  public String toString() {
    return "%s checksum=%08x".formatted(counts, checksum.getValue());
  }
}
