/** Logging that never holds up the thread that logs. */
@NullMarked
package io.baton.log;

import org.jspecify.annotations.NullMarked;
