/**
 * Typed messages: sealed interfaces of records as bytes, in a subset of Apache Avro's binary
 * encoding and resolution rules, on the JDK alone. {@link io.baton.link.types.Types} is the way in.
 */
@NullMarked
package io.baton.link.types;

import org.jspecify.annotations.NullMarked;
