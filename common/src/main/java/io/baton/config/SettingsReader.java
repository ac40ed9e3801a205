package io.baton.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Reads the configuration. Three layers, each winning over the next: overrides from the command
 * line, the operator's file, and {@code reference.conf}, which holds every default.
 *
 * <p><b>Errors.</b> Whatever is wrong with any of them is a {@link ConfigurationException} with all
 * complaints in the order of the file. A syntax error or a substitution without a value is the only
 * complaint, because nothing else can be trusted then.
 */
public final class SettingsReader {
  private static final String WORKERS = "baton.workers";

  // JSON files and Java properties are HOCON as far as we care: the name's ending says nothing.
  private static final ConfigParseOptions HOCON =
      ConfigParseOptions.defaults()
          .setSyntax(ConfigSyntax.CONF)
          .setAllowMissing(false)
          .setIncluder(new FilesOnly(null));

  private static final Config REFERENCE =
      ConfigFactory.parseResources(SettingsReader.class, "reference.conf", HOCON);

  /** What walks over the values recurses: it must never come near the end of a stack. */
  private static final int MAX_DEPTH = 64;

  private SettingsReader() {}

  /**
   * Reads a file.
   *
   * @param overrides full keys, e.g. {@code baton.workers}, and what they shall be: plain texts, or
   *     HOCON if they start with a bracket or brace
   * @param home what relative directories are relative to
   */
  public static Configuration read(Path file, Map<String, String> overrides, Path home)
      throws ConfigurationException {
    Complaints complaints = new Complaints(file.toString());
    Config merged = merged(file, overrides, complaints);
    CredentialsReader credentials = new CredentialsReader(home.toAbsolutePath().normalize(), true);
    Settings settings = settings(merged, home, credentials, complaints);
    // How many cores "auto" saw is concluded here, once, for manager and workers.
    ConfigValue workers = ConfigValueFactory.fromAnyRef(settings.workers());
    String concluded =
        merged.withValue(WORKERS, workers).root().render(ConfigRenderOptions.concise());
    long length = concluded.getBytes(StandardCharsets.UTF_8).length;
    if (length > Configuration.MAX_BYTES) {
      complaints.add(
          String.format(
              Locale.ROOT,
              "found %,d bytes with the defaults and without comments, allowed up to %,d",
              length,
              Configuration.MAX_BYTES));
      complaints.throwIfAny();
    }
    return new Configuration(
        settings, concluded, credentials.result(), new Places(merged, complaints));
  }

  /**
   * Reads the run directory alone: where a server answers whose file has a mistake meanwhile.
   *
   * @throws ConfigurationException if even that cannot be read
   */
  public static Path runDir(Path file, Map<String, String> overrides, Path home)
      throws ConfigurationException {
    return directory("run-dir", file, overrides, home);
  }

  /**
   * Reads the directory of the logs alone, as {@link #runDir} does.
   *
   * @throws ConfigurationException if even that cannot be read
   */
  public static Path logDir(Path file, Map<String, String> overrides, Path home)
      throws ConfigurationException {
    return directory("log-dir", file, overrides, home);
  }

  private static Path directory(String key, Path file, Map<String, String> overrides, Path home)
      throws ConfigurationException {
    Complaints complaints = new Complaints(file.toString());
    Config merged = merged(file, overrides, complaints);
    Section root = Section.root(merged.root(), complaints);
    Path directory = root.section("baton").path(key, home.toAbsolutePath().normalize());
    complaints.throwIfAny();
    return directory;
  }

  private static Config merged(Path file, Map<String, String> overrides, Complaints complaints)
      throws ConfigurationException {
    if (!Files.exists(file)) {
      complaints.add("no such file");
    } else if (Files.isDirectory(file)) {
      complaints.add("found a directory, allowed a file");
    } else if (!Files.isReadable(file)) {
      complaints.add("not readable for this user");
    }
    complaints.throwIfAny();
    Config users = understood(complaints, () -> overridden(overrides, parseFile(file.toFile())));
    return understood(complaints, () -> users.withFallback(REFERENCE).resolve());
  }

  /** Reads what {@link Configuration#concluded} holds, to equal settings. */
  public static Settings parse(String concluded, Path home) throws ConfigurationException {
    Complaints complaints = new Complaints("concluded configuration");
    Config config =
        understood(
            complaints,
            () ->
                ConfigFactory.parseString(concluded, HOCON.setOriginDescription(complaints.file()))
                    .resolve());
    Path base = home.toAbsolutePath().normalize();
    return settings(config, home, new CredentialsReader(base, false), complaints);
  }

  private static Settings settings(
      Config config, Path home, CredentialsReader credentials, Complaints complaints)
      throws ConfigurationException {
    if (Values.isDeeper(config.root(), MAX_DEPTH)) {
      complaints.add("lists and blocks nested deeper than " + MAX_DEPTH + " levels");
      complaints.throwIfAny();
    }
    Section root = Section.root(config.root(), complaints);
    Settings settings =
        new SettingsMapper(home.toAbsolutePath().normalize(), credentials).map(root);
    complaints.throwIfAny();
    return settings;
  }

  private static Config parseFile(File file) {
    return ConfigFactory.parseFile(file, HOCON);
  }

  private static Config overridden(Map<String, String> overrides, Config file) {
    Config all = ConfigFactory.empty();
    for (Map.Entry<String, String> override : new TreeMap<>(overrides).entrySet()) {
      all = all.withFallback(override(override.getKey(), override.getValue()));
    }
    return all.withFallback(file);
  }

  private static Config override(String key, String text) {
    String origin = "-D" + key;
    Object value = text;
    if (text.startsWith("[") || text.startsWith("{")) {
      value =
          ConfigFactory.parseString("v = " + text, HOCON.setOriginDescription(origin))
              .getValue("v")
              .unwrapped();
    }
    for (String name : ConfigUtil.splitPath(key).reversed()) {
      value = Map.of(name, value);
    }
    // Made in one go, so that every block on the path is known to come from the command line.
    return ((ConfigObject) ConfigValueFactory.fromAnyRef(value, origin)).toConfig();
  }

  /** Runs a step of the library's; what it cannot get over is a complaint. */
  private static <T> T understood(Complaints complaints, Supplier<T> step)
      throws ConfigurationException {
    try {
      return step.get();
    } catch (ConfigException e) {
      complaints.add(e);
    } catch (StackOverflowError _) {
      complaints.add("lists, blocks or substitutions nested too deeply"); // for its parser
    }
    complaints.throwIfAny();
    throw new AssertionError("a complaint was just added");
  }
}
