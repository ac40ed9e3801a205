/** How an operator sees and steers the server. */
@NullMarked
package io.baton.manager.admin;

import org.jspecify.annotations.NullMarked;
