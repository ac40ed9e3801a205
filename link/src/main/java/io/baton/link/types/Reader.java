package io.baton.link.types;

import org.jspecify.annotations.Nullable;

/** Reads a value of one kind at the peer as this side's value. Any number of threads at a time. */
interface Reader {
  @Nullable Object read(Input in) throws MalformedException, UndecodableException;
}
