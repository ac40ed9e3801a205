/** Real servers for tests and benchmarks: their directories, their ports, their commands. */
@NullMarked
package io.baton.testing.server;

import org.jspecify.annotations.NullMarked;
