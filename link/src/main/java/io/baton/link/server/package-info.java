/** The service's side of Link: handlers, and plain services, as services of a worker. */
@NullMarked
package io.baton.link.server;

import org.jspecify.annotations.NullMarked;
