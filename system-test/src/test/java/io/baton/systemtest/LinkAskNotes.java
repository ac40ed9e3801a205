package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one side has noted of its questions and its answers, by id. */
final class LinkAskNotes {
  private static final Set<String> ANSWERS = Set.of("replied", "failed", "cancelled");

  private final Map<String, List<String>> ended = new HashMap<>();
  private final Map<String, List<String>> answered = new HashMap<>();

  LinkAskNotes(Collection<String> lines) {
    for (String line : lines) {
      String[] words = line.split(" ", 3);
      switch (words[0]) {
        case "began" -> of(ended, words[1]);
        case "ended" -> of(ended, words[1]).add(words[2]);
        case "asked" -> of(answered, words[1]).add("asked");
        case "closed" -> {}
        default -> of(answered, words[1]).add(words[0]);
      }
    }
  }

  private static List<String> of(Map<String, List<String>> notes, String id) {
    return notes.computeIfAbsent(id, _ -> new ArrayList<>());
  }

  /** Returns how the question with this id has ended where it was asked. */
  String end(String id) {
    List<String> ends = ended.getOrDefault(id, List.of());
    assertThat(ends).as("ends of %s", id).hasSize(1);
    return ends.getFirst();
  }

  /** Whether each question that was asked here, and each answer that was due, has ended. */
  boolean isComplete() {
    return ended.values().stream().noneMatch(List::isEmpty)
        && answered.values().stream().allMatch(each -> each.size() > 1);
  }

  int asked() {
    return ended.size();
  }

  /** Each question of this side has ended once, and as the other side has answered it. */
  void assertEndedOnce(LinkAskNotes other, String as) {
    ended.forEach((id, ends) -> {
      assertThat(ends).as("%s: ends of %s", as, id).hasSize(1);
      List<String> its = other.answered.getOrDefault(id, List.of());
      String end = ends.getFirst();
      if (end.equals("reply")) {
        assertThat(its).as("%s: answers to %s", as, id).containsExactly("asked", "replied");
      } else if (end.startsWith(LinkAskPeer.REFUSED + " ")) {
        assertThat(its).as("%s: answers to %s", as, id).containsExactly("asked", "failed");
      }
    });
  }

  /** Each question that has come was answered, refused or cancelled, and once. */
  void assertAnsweredOnce(String as) {
    answered.forEach((id, notes) -> {
      assertThat(notes).as("%s: answers to %s", as, id).containsOnlyOnce("asked");
      List<String> ends = notes.stream().filter(ANSWERS::contains).toList();
      // An answer that came when the session was over is dropped, and nobody need be told.
      int least = notes.contains("unsent") ? 0 : 1;
      assertThat(ends).as("%s: answers to %s: %s", as, id, notes).hasSizeBetween(least, 1);
    });
  }
}
