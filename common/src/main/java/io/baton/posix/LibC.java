package io.baton.posix;

import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * The C library's calls that jnr-posix lacks or makes unsafe. All return what C returns; {@link
 * #result} turns -1 into the negative error number, the convention of this package.
 *
 * <p>For this package only, and public all the same: jnr-ffi implements it in a class loader of its
 * own, to which a package-private interface is out of reach.
 */
public interface LibC {
  LibC C = LibraryLoader.create(LibC.class).load("c");
  Runtime RUNTIME = Runtime.getRuntime(C);

  int socket(int domain, int type, int protocol);

  int socketpair(int domain, int type, int protocol, Pointer ends);

  int bind(int fd, Pointer address, int length);

  int connect(int fd, Pointer address, int length);

  int listen(int fd, int backlog);

  int accept4(int fd, Pointer address, Pointer length, int flags);

  int getsockname(int fd, Pointer address, Pointer length);

  int getsockopt(int fd, int level, int name, Pointer value, Pointer length);

  int setsockopt(int fd, int level, int name, Pointer value, int length);

  int shutdown(int fd, int how);

  int open(String path, int flags, int mode);

  int close(int fd);

  int dup2(int from, int to);

  int fchmod(int fd, int mode);

  int chdir(String path);

  int initgroups(String user, int group);

  int setgid(int group);

  int setuid(int user);

  long signal(int signal, long handler);

  long send(int fd, Pointer buffer, long length, int flags);

  long recv(int fd, Pointer buffer, long length, int flags);

  long sendmsg(int fd, Pointer message, int flags);

  long recvmsg(int fd, Pointer message, int flags);

  int epoll_create1(int flags);

  int epoll_ctl(int epfd, int op, int fd, Pointer event);

  int epoll_wait(int epfd, Pointer events, int max, int timeoutMs);

  int eventfd(int value, int flags);

  long read(int fd, Pointer buffer, long length);

  long write(int fd, Pointer buffer, long length);

  long pread(int fd, Pointer buffer, long length, long offset);

  int memfd_create(String name, int flags);

  int sched_getscheduler(int pid);

  int sched_setscheduler(int pid, int policy, Pointer parameters);

  int fcntl(int fd, int command, int argument);

  long syscall(long number, int a, int b);

  int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int from);

  int posix_spawn_file_actions_addchdir_np(Pointer actions, String path);

  static int result(long returned) {
    return returned >= 0 ? (int) returned : -LastError.getLastError(RUNTIME);
  }
}
