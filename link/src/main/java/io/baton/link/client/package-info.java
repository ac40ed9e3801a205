/**
 * The client of Link: connections, reconnecting, and the threads of a session. Opened by {@link
 * io.baton.link.Link}.
 */
@NullMarked
package io.baton.link.client;

import org.jspecify.annotations.NullMarked;
