/** The messages of Link as JSON, on Jackson. {@link io.baton.link.json.JsonTypes} is the way in. */
@NullMarked
package io.baton.link.json;

import org.jspecify.annotations.NullMarked;
