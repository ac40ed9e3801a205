/** What the manager remembers for the status page: the load of the last minutes, and events. */
@NullMarked
package io.baton.manager.history;

import org.jspecify.annotations.NullMarked;
