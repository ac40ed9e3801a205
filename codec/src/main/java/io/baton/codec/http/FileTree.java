package io.baton.codec.http;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is found below a directory, by the path of a request: {@link FileDirectory} has the rules.
 */
final class FileTree {
  private static final String INDEX = "index.html";
  private static final String SLASH = "%2F";
  private static final int MAX_PATH = 4 * 1024;

  /** Of a name that is not longer encoded, and has a suffix for a compressed form. */
  private static final int MAX_NAME = 250;

  private final Path root;
  private final PathPattern route;

  /**
   * @param root is looked for with each request
   * @param route as it is configured
   * @throws IllegalArgumentException if the route does not end with {@code /*}
   */
  FileTree(Path root, String route) {
    if (!route.endsWith("/*")) {
      throw new IllegalArgumentException(route + " is not a route such as /files/*");
    }
    this.root = root;
    this.route = PathPattern.of(route);
  }

  /** What is at a path. */
  sealed interface Found {
    /** Nothing that anybody may see. */
    record Nothing() implements Found {}

    /** A directory, whose path ends with a slash. */
    record Directory() implements Found {}

    /**
     * A file, which is open.
     *
     * @param encoding in which it is compressed; null: it is not
     * @param varies whether another client may get another form
     * @param key identifies the file in its file system; null if that does not tell
     */
    record File(
        FileChannel channel,
        long size,
        String type,
        Validators validators,
        @Nullable String encoding,
        boolean varies,
        @Nullable Object key)
        implements Found {

      /** Returns the same file where another client may get another form. */
      File varying() {
        return new File(channel, size, type, validators, encoding, true, key);
      }

      /**
       * Returns the same file in a form that is made of it, whose bytes may be others the next
       * time.
       */
      File packed(AcceptedEncodings.Coding coding) {
        String tag = validators.tag();
        String its = "W/" + tag.substring(0, tag.length() - 1) + "-" + coding.token + '"';
        Validators weak = new Validators(its, validators.modifiedAt());
        return new File(channel, size, type, weak, coding.token, true, key);
      }
    }
  }

  /**
   * Opens the file that a request is for. Blocks where the disk does.
   *
   * @param target of the request
   * @param accepted encodings
   */
  Found find(String target, AcceptedEncodings accepted) throws IOException {
    String below = route.rest(target);
    if (below == null || below.length() > MAX_PATH) {
      return new Found.Nothing();
    }
    boolean index = below.isEmpty() || below.endsWith("/");
    List<String> names = List.of((index ? below + INDEX : below).split("/", -1));
    if (!names.stream().allMatch(FileTree::isName)) {
      return new Found.Nothing();
    }
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(root)) {
      if (!(stream instanceof SecureDirectoryStream<Path> directory)) {
        throw new IOException("the file system of " + root + " cannot be opened step by step");
      }
      return find(directory, names, accepted);
    } catch (NoSuchFileException | NotDirectoryException _) {
      return new Found.Nothing();
    }
  }

  /**
   * No hidden file, nothing that is more than one name, as with an encoded slash in it, and nothing
   * that only an attack has.
   */
  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_NAME
        && !name.startsWith(".")
        && !name.contains(SLASH)
        && name.chars().noneMatch(c -> c == '\\' || Character.isISOControl(c));
  }

  private static Found find(
      SecureDirectoryStream<Path> in, List<String> names, AcceptedEncodings accepted)
      throws IOException {
    Path name = Path.of(PathPattern.plain(names.getFirst()));
    BasicFileAttributes its = attributes(in, name);
    if (its == null) {
      return new Found.Nothing();
    }
    if (names.size() > 1) {
      if (!its.isDirectory()) {
        return new Found.Nothing();
      }
      try (SecureDirectoryStream<Path> next =
          in.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
        return find(next, names.subList(1, names.size()), accepted);
      }
    }
    if (its.isDirectory()) {
      return new Found.Directory();
    }
    return its.isRegularFile() ? open(in, name, its, accepted) : new Found.Nothing();
  }

  /** Returns null if there is nothing. */
  private static @Nullable BasicFileAttributes attributes(SecureDirectoryStream<Path> in, Path name)
      throws IOException {
    try {
      return in.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .readAttributes();
    } catch (NoSuchFileException _) {
      return null;
    }
  }

  private static Found open(
      SecureDirectoryStream<Path> in,
      Path name,
      BasicFileAttributes its,
      AcceptedEncodings accepted)
      throws IOException {
    String type = StaticFile.type(name.toString());
    boolean varies = false;
    for (AcceptedEncodings.Coding coding : AcceptedEncodings.Coding.values()) {
      Path packed = Path.of(name + coding.suffix);
      BasicFileAttributes form = attributes(in, packed);
      if (form != null
          && form.isRegularFile()
          && form.lastModifiedTime().compareTo(its.lastModifiedTime()) >= 0) {
        varies = true;
        if (accepted.has(coding)) {
          return file(in, packed, form, type, coding, true);
        }
      }
    }
    return file(in, name, its, type, null, varies);
  }

  private static Found file(
      SecureDirectoryStream<Path> in,
      Path name,
      BasicFileAttributes its,
      String type,
      AcceptedEncodings.@Nullable Coding coding,
      boolean varies)
      throws IOException {
    SeekableByteChannel opened =
        in.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    if (!(opened instanceof FileChannel channel)) {
      opened.close();
      throw new IOException(name + " is opened as something else than a file");
    }
    try {
      long size = channel.size();
      String tag =
          "\"%x-%x%s\""
              .formatted(
                  its.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                  size,
                  coding == null ? "" : "-" + coding.token);
      Instant modified = Instant.ofEpochSecond(its.lastModifiedTime().to(TimeUnit.SECONDS));
      return new Found.File(
          channel,
          size,
          type,
          new Validators(tag, modified),
          coding == null ? null : coding.token,
          varies,
          its.fileKey());
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }
}
