/**
 * System calls, thinly: descriptors with one owner, messages with descriptors, epoll, processes.
 */
@NullMarked
package io.baton.posix;

import org.jspecify.annotations.NullMarked;
