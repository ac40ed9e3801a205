/** Records in the binary form of the C++ library cereal. On the JDK alone. */
@NullMarked
package io.baton.vsockframework.cereal;

import org.jspecify.annotations.NullMarked;
