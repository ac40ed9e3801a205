/**
 * Carries publications from modules and links to sessions, and questions to services and answers
 * back, as the routers of topics and of services decide.
 */
@NullMarked
package io.baton.worker.delivery;

import org.jspecify.annotations.NullMarked;
