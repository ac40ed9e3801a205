/** What a client of a service needs, on the JDK alone: so far, the way into a virtual machine. */
@NullMarked
package io.baton.link;

import org.jspecify.annotations.NullMarked;
