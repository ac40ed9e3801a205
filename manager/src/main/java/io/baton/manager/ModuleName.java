package io.baton.manager;

import java.util.Locale;
import java.util.regex.Pattern;
import javax.lang.model.SourceVersion;

/**
 * The name of a new module, and what follows from it in its project.
 *
 * @param name as the jar, the module and its listener are called
 * @param packageName of its classes
 */
record ModuleName(String name, String packageName) {
  private static final Pattern NAME = Pattern.compile("[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?");
  private static final Pattern GROUP =
      Pattern.compile("(?=.{1,100}$)[a-z][a-z0-9_]*(?:\\.[a-z][a-z0-9_]*)*");

  /**
   * Checks both.
   *
   * @param group what the package's name begins with
   * @throws Failure with what is allowed
   */
  static ModuleName of(String name, String group) throws Failure {
    if (!NAME.matcher(name).matches()) {
      throw new Failure(
          shown("NAME", name)
              + "; allowed: 1 to 40 of a-z, 0-9 and -, a letter first, no - at the end, for example"
              + " chat or device-gateway");
    }
    if (!GROUP.matcher(group).matches() || !SourceVersion.isName(group)) {
      throw new Failure(
          shown("--group", group)
              + "; allowed: the name of a Java package in lower case, for example com.example");
    }
    String last = name.replace("-", "");
    if (!SourceVersion.isName(last)) {
      throw new Failure(
          shown("NAME", name)
              + ", a word that Java has for itself, so it cannot name a package; allowed: any other"
              + " name, for example "
              + name
              + "-service");
    }
    return new ModuleName(name, group + "." + last);
  }

  private static String shown(String what, String value) {
    return what + " is \"" + value.replaceAll("\\p{Cntrl}", "?") + "\"";
  }

  /** Returns the beginning of the module's class: {@code DeviceGateway} of device-gateway. */
  String className() {
    StringBuilder words = new StringBuilder();
    for (String word : name.split("-+", -1)) {
      words.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
    }
    return words.toString();
  }

  /** Returns the package as a directory. */
  String packagePath() {
    return packageName.replace('.', '/');
  }
}
