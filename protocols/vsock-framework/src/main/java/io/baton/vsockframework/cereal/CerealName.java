package io.baton.vsockframework.cereal;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name under which the C++ side has registered the class of a record that a sealed interface
 * permits ({@code CEREAL_REGISTER_TYPE}). Without it, the record's simple name is used.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface CerealName {
  /** The name of the record that stands for the base class itself, which has no registered name. */
  String BASE = "";

  /** Returns the name, or {@link #BASE}. */
  String value();
}
