/** Helpers for services and codecs that speak HTTP/1.1: files, dates, request targets. */
@NullMarked
package io.baton.codec.http;

import org.jspecify.annotations.NullMarked;
