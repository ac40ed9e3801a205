/** The child process: its start, its modules, and what holds its parts together. */
@NullMarked
package io.baton.worker;

import org.jspecify.annotations.NullMarked;
