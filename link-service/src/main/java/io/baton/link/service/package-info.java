/**
 * The service's side of Link, on the JDK alone: handlers, and plain services, as services of a
 * worker. {@link io.baton.link.service.LinkService} is the entrance.
 */
@NullMarked
package io.baton.link.service;

import org.jspecify.annotations.NullMarked;
