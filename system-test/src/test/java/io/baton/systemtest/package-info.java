/**
 * Real processes, real clients, faults. A test asserts outcomes, never time: it waits for
 * conditions, leaves no process behind, and keeps its evidence when it fails.
 */
@NullMarked
package io.baton.systemtest;

import org.jspecify.annotations.NullMarked;
