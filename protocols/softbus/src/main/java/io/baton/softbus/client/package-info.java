/** A client of soft bus lite, on the JDK alone. */
@NullMarked
package io.baton.softbus.client;

import org.jspecify.annotations.NullMarked;
