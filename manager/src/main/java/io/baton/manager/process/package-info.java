/** Worker processes and the pipes to them. */
@NullMarked
package io.baton.manager.process;

import org.jspecify.annotations.NullMarked;
