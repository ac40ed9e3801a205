package io.baton.pipe;

import java.util.Set;
import java.util.TreeSet;

/**
 * What a worker can read of sessions that another worker saved: all forms up to the newest, and
 * sections of these kinds. Sections of other kinds it passes on unread if they are not critical.
 *
 * @param newest form, at least 1
 * @param sections by their numbers, 1 to 65,535
 */
public record SavedForm(int newest, Set<Integer> sections) {
  /** The most sections that one form names. */
  public static final int MAX_SECTIONS = 256;

  public SavedForm {
    sections = Set.copyOf(sections);
  }

  /** Writes {@code u8 newest, u16 n, n x u16 section} in ascending order. */
  void write(FieldWriter to) {
    to.u8(newest).u16(sections.size());
    new TreeSet<>(sections).forEach(to::u16);
  }

  /** Reads what {@link #write} has written. */
  static SavedForm read(FieldReader from) throws MalformedMessageException {
    int newest = from.u8();
    int count = from.u16();
    if (newest < 1 || count > MAX_SECTIONS) {
      throw new MalformedMessageException(
          "a form %d of saved sessions with %d sections".formatted(newest, count));
    }
    Set<Integer> sections = new TreeSet<>();
    int last = 0;
    for (int i = 0; i < count; i++) {
      int section = from.u16();
      if (section <= last) {
        throw new MalformedMessageException(
            "a section %d of saved sessions after section %d".formatted(section, last));
      }
      sections.add(section);
      last = section;
    }
    return new SavedForm(newest, sections);
  }

  /** Returns what both can read: the other one itself, if it reads no more than this. */
  public SavedForm and(SavedForm other) {
    Set<Integer> both = new TreeSet<>(sections);
    both.retainAll(other.sections);
    SavedForm common = new SavedForm(Math.min(newest, other.newest), both);
    return common.equals(other) ? other : common;
  }

  /** Returns whether a section of this kind can be read. */
  public boolean reads(int section) {
    return sections.contains(section);
  }

  @Override
  public String toString() {
    return "form " + newest + ", sections " + new TreeSet<>(sections);
  }
}
