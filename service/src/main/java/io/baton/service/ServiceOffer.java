package io.baton.service;

/**
 * A worker that offers a named service.
 *
 * @param slot of the worker, which its successor keeps
 * @param load number of questions, of any name, that the worker was answering a short while ago
 */
public record ServiceOffer(int slot, int load) {}
