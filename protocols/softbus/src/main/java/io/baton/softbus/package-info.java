/** Session servers of soft bus lite: the codec, and the interfaces that services implement. */
@NullMarked
package io.baton.softbus;

import org.jspecify.annotations.NullMarked;
