/** The byte streams of a session as its users see them, on the client's side and the service's. */
@NullMarked
package io.baton.link.stream;

import org.jspecify.annotations.NullMarked;
