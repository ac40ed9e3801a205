/**
 * The parent process: its main class, its one thread, and the place where effects are performed.
 */
@NullMarked
package io.baton.manager;

import org.jspecify.annotations.NullMarked;
