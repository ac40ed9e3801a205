package io.baton.worker.accesslog;

/** A codec that writes a line for each request itself; its sessions get none at their end. */
public interface LogsRequests {}
