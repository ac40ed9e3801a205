/** Carries publications from modules and links to sessions, as the router of topics decides. */
@NullMarked
package io.baton.worker.delivery;

import org.jspecify.annotations.NullMarked;
