/** What the workers of a server say to each other. */
@NullMarked
package io.baton.mesh;

import org.jspecify.annotations.NullMarked;
