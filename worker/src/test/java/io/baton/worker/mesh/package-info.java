@NullMarked
package io.baton.worker.mesh;

import org.jspecify.annotations.NullMarked;
