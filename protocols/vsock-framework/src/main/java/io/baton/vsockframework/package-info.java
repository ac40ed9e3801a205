/**
 * The vsock message framework: its codec, its settings, and services whose messages are records.
 */
@NullMarked
package io.baton.vsockframework;

import org.jspecify.annotations.NullMarked;
