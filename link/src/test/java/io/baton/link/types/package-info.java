@NullMarked
package io.baton.link.types;

import org.jspecify.annotations.NullMarked;
