package io.baton.link.types;

/** Writes values of one Java type. Any number of threads at a time. */
interface Writer {
  void write(Object value, Output out);
}
