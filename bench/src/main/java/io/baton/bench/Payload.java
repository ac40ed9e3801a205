package io.baton.bench;

/**
 * The message of the echoes of Link: bytes, so that the typed interface is measured and gRPC does
 * not have to encode anything.
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record Payload(byte[] bytes) {}
