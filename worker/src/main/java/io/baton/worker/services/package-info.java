/** The named services of a worker: who offers them, who is asked, and which asks are under way. */
@NullMarked
package io.baton.worker.services;

import org.jspecify.annotations.NullMarked;
