@NullMarked
package io.baton.vsockframework;

import org.jspecify.annotations.NullMarked;
