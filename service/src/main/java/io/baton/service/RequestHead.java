package io.baton.service;

import java.util.List;
import java.util.Optional;

/**
 * The head of an HTTP request, of any version.
 *
 * @param method such as {@code GET}
 * @param target as the client wrote it, with its query
 * @param fields header fields in their order; a name can occur more than once
 */
public record RequestHead(String method, String target, List<Field> fields) {
  /** Copies the fields. */
  public RequestHead {
    fields = List.copyOf(fields);
  }

  /** A header field. Case does not matter in its name. */
  public record Field(String name, String value) {}

  /**
   * Returns the value of the only field of this name; empty if there is none, and also if there are
   * several, of which nobody could say which one counts.
   */
  public Optional<String> field(String name) {
    List<String> all = fields(name);
    return all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
  }

  /** Returns the values of all fields of this name, in their order. */
  public List<String> fields(String name) {
    return fields.stream()
        .filter(each -> each.name().equalsIgnoreCase(name))
        .map(Field::value)
        .toList();
  }

  /** Says no more of it than method and path: query and fields may hold secrets. */
  @Override
  public String toString() {
    int query = target.indexOf('?');
    return method + " " + (query < 0 ? target : target.substring(0, query));
  }
}
