/** Sessions that go on at another machine: from its former worker to one there, by the broker. */
@NullMarked
package io.baton.worker.elsewhere;

import org.jspecify.annotations.NullMarked;
