package io.baton.link.service;

/**
 * A question of a service that waits for its answer. The codec tells answers by this object, which
 * is equal to itself only and not known outside of its process.
 */
public interface Question {}
