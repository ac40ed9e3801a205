/**
 * What the server does under load, measured from outside: a server of its own, started by the real
 * scripts, and real clients.
 *
 * <pre>
 *   Main ─► Migration, ReloadHttp ─► Server    bin/start, bin/reload, bin/stop, /status
 *                                 ├► Clients   WebSocket sessions on one event loop, paced probes
 *                                 └► Wrk       HTTP load
 * </pre>
 */
@NullMarked
package io.baton.bench;

import org.jspecify.annotations.NullMarked;
