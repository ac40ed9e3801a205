/** The log files of manager and workers, read together. */
@NullMarked
package io.baton.manager.logs;

import org.jspecify.annotations.NullMarked;
