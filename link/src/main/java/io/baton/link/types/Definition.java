package io.baton.link.types;

import java.util.List;

/**
 * A record or enum of a schema.
 *
 * @param members the names of a record's fields, in the order of their values, or of an enum's
 *     constants, each written as its place in this list
 * @param kinds the kinds of a record's fields; empty for an enum
 */
record Definition(boolean isRecord, String name, List<String> members, List<Kind> kinds) {}
