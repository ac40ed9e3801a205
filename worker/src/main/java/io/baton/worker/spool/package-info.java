/** Where bodies are that are too large for memory: in files without names, mapped when whole. */
@NullMarked
package io.baton.worker.spool;

import org.jspecify.annotations.NullMarked;
