package io.baton.codec.http;

import io.baton.service.Service;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The files of a directory, for a route that ends with {@code /*}. Makes a service for each
 * session.
 *
 * <p>A path is followed name by name, each from the directory before it (openat), and no symbolic
 * link is: there is no way to a file outside, whatever a request says or anybody changes meanwhile.
 * (The directory itself may be a link, and may be changed to another one at any time.) There is
 * also none to names that begin with a dot, and none to what is not a regular file. All of these
 * are answered with 404. Directories are never listed: one has its {@code index.html}.
 *
 * <p>Beside a file may be its compressed forms, {@code .br} and {@code .gz}: a client that accepts
 * one gets that, unless it is older than the file. Of texts between 1 KiB and 1 MiB without such
 * forms, one in gzip is made for those who accept it, and kept for a while.
 */
public final class FileDirectory implements Supplier<Service<FullHttpRequest, HttpObject>> {
  private final FileTree files;
  private final Executor executor;

  private final @Nullable GzipCache forms;

  /**
   * @param root is looked for with each request
   * @param route as it is configured
   * @param forms makes compressed forms where there are none; null: none are made
   * @throws IllegalArgumentException if the route does not end with {@code /*}
   */
  public FileDirectory(Path root, String route, @Nullable GzipCache forms) {
    this(root, route, forms, task -> Thread.ofVirtual().name("files").start(task));
  }

  /**
   * @param executor for what blocks
   */
  FileDirectory(Path root, String route, @Nullable GzipCache forms, Executor executor) {
    this.files = new FileTree(root, route);
    this.executor = executor;
    this.forms = forms;
  }

  @Override
  public Service<FullHttpRequest, HttpObject> get() {
    return new FileService(files, forms, executor);
  }
}
