@NullMarked
package io.baton.vsockframework.cereal;

import org.jspecify.annotations.NullMarked;
