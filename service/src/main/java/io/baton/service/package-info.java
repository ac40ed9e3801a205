/** What a user's service names, on the JDK alone. */
@NullMarked
package io.baton.service;

import org.jspecify.annotations.NullMarked;
