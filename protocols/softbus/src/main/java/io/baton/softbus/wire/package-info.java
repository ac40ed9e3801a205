/** The bytes of soft bus lite, on the JDK alone: what the server and the client have in common. */
@NullMarked
package io.baton.softbus.wire;

import org.jspecify.annotations.NullMarked;
