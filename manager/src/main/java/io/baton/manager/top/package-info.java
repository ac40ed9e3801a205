/** The live view of a server in a terminal. */
@NullMarked
package io.baton.manager.top;

import org.jspecify.annotations.NullMarked;
