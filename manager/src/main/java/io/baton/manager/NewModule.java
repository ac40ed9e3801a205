package io.baton.manager;

import io.baton.config.Settings;
import io.baton.manager.admin.Status;
import io.baton.service.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that makes a project with a module, a service and its test. */
@Command(
    name = "new-module",
    customSynopsis = {
      "bin/new-module [--group GROUP] [--no-install] [--conf FILE]",
      "                      [-DKEY=VALUE ...] NAME [DIR]"
    },
    description = {
      "Makes a Maven project with a module of your own: one service, its test, and a",
      "README with the commands that build, test and deploy it. Then it installs what",
      "the project is compiled against, Baton's own artifacts, into Maven's local",
      "repository."
    })
final class NewModule implements Callable<Integer> {
  private static final int FIRST_PORT = 7200;
  private static final int LAST_PORT = 7999;

  /** What a shell takes as it is. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._+@%-]+");

  @Mixin Main.Where where = new Main.Where();

  @Option(
      names = "--group",
      paramLabel = "GROUP",
      description =
          "The project's Maven group, and the beginning of its Java package; default: com.example.")
  String group = "com.example";

  @Option(
      names = "--no-install",
      description =
          "Installs nothing: Baton's artifacts are in the local repository already, or in another"
              + " one that Maven knows.")
  boolean noInstall;

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "The module's name: a-z, 0-9 and -, for example chat.")
  String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DIR",
      description = "The project's directory, empty or not there yet; default: ./NAME.")
  @Nullable Path directory;

  @Override
  public Integer call() throws Failure {
    ModuleName module = ModuleName.of(name, group);
    Settings settings = where.read().settings();
    requireFree(settings);
    Path project =
        Main.directory()
            .resolve(directory == null ? Path.of(name) : Main.path(directory.toString()))
            .normalize();
    Map<String, String> values = values(settings);
    new ModuleProject(project, module, values).write();
    System.out.println("made " + project);
    if (!noInstall) {
      LocalRepository.install(Main.home(), values.getOrDefault("install", ""));
    }
    System.out.print(next(project, values));
    return 0;
  }

  /** Another listener of that name would get this one's keys, another module would be lost. */
  private void requireFree(Settings settings) throws Failure {
    if (settings.listeners().stream().anyMatch(listener -> listener.name().equals(name))) {
      throw new Failure(
          "NAME is %s, but %s has a listener %s already; allowed: another name"
              .formatted(name, where.file(), name));
    }
    Path jar = settings.modules().directory().resolve(name + ".jar");
    if (Files.exists(jar)) {
      throw new Failure(
          "NAME is %s, but there is a module %s already; allowed: another name"
              .formatted(name, jar));
    }
  }

  private Map<String, String> values(Settings settings) throws Failure {
    Path home = Main.home();
    boolean usual = where.file().equals(home.resolve("conf/baton.conf"));
    String server = usual ? "" : " --conf " + word(where.file().normalize());
    return Map.ofEntries(
        Map.entry("group", group),
        Map.entry("version", Status.buildVersion()),
        Map.entry("port", Integer.toString(freePort(settings))),
        Map.entry("conf", word(where.file().normalize())),
        Map.entry("modules", word(settings.modules().directory())),
        Map.entry("home", home.toString()),
        Map.entry("log", word(settings.server().logDir())),
        Map.entry("install", "cd " + word(home) + " && " + LocalRepository.command()),
        Map.entry("reload", word(home.resolve("bin/reload")) + server));
  }

  /** Returns the first port that no listener has, and no other program now. */
  private static int freePort(Settings settings) throws Failure {
    Set<Integer> taken = new HashSet<>();
    for (Settings.Listener listener : settings.listeners()) {
      if (listener.endpoint() instanceof Endpoint.Tcp tcp) {
        taken.add(tcp.port());
      }
    }
    return IntStream.rangeClosed(FIRST_PORT, LAST_PORT)
        .filter(port -> !taken.contains(port) && isFree(port))
        .findFirst()
        .orElseThrow(() ->
            new Failure("all ports from %d to %d are taken".formatted(FIRST_PORT, LAST_PORT)));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private String next(Path project, Map<String, String> values) {
    return """

    Next:
      cd %s
      mvn package
      cp target/%s.jar %s/
      echo '%s' >>%s
      %s
    README.md in the project says more.
    """
        .formatted(
            word(project),
            name,
            values.get("modules"),
            ModuleProject.listener(name, values),
            values.get("conf"),
            values.get("reload"));
  }

  /** Returns a path as a word of a shell's command. */
  private static String word(Path path) {
    String text = path.toString();
    return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
