/** A client and a service of Link without sockets and threads, for tests of their handlers. */
@NullMarked
package io.baton.link.testkit;

import org.jspecify.annotations.NullMarked;
