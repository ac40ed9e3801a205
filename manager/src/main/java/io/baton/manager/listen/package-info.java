/** The sockets that clients connect to. */
@NullMarked
package io.baton.manager.listen;

import org.jspecify.annotations.NullMarked;
