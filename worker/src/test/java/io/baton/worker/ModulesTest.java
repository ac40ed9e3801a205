package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.baton.codec.Codec;
import io.baton.service.Module;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.delivery.LatePublisher;
import io.baton.worker.delivery.ServiceRegistry;
import io.baton.worker.delivery.TopicPublisher;
import io.baton.worker.module.OfModule;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real jars, compiled here, so that their classes are theirs alone. */
final class ModulesTest {
  private static final TopicPublisher NOBODY = new LatePublisher();
  private static final String LOG = "baton.test.modules";
  private static final String LOADERS = "baton.test.loaders";

  @TempDir private Path dir;

  @AfterEach
  void forget() {
    System.clearProperty(LOG);
    System.clearProperty(LOADERS);
  }

  /** A jar with a module that notes its start and stop in a system property. */
  private void jar(String jar, String module, String start) throws IOException {
    jar(jar, module, start, "implements Module", "");
  }

  /** A jar whose module brings codecs: an expression in Java. */
  private void codecJar(String jar, String module, String codecs) throws IOException {
    String type = "Map<String, io.baton.codec.Codec<?, ?>>";
    jar(
        jar,
        module,
        "",
        "implements io.baton.codec.CodecModule",
        "public " + type + " codecs() { log(\"codecs\"); return " + codecs + "; }");
  }

  private void jar(String jar, String module, String start, String type, String more)
      throws IOException {
    String source =
        """
        import io.baton.service.Module;
        import io.baton.worker.codec.raw.RawCodec;
        import java.util.Map;
        public final class M %4$s {
          static void log(String what) {
            System.setProperty("%1$s", System.getProperty("%1$s", "") + what + " %2$s;");
            String loader = Thread.currentThread().getContextClassLoader().getName();
            System.setProperty("%6$s", System.getProperty("%6$s", "") + loader + " ");
          }
          public String name() { return "%2$s"; }
          public void start(Context context) throws Exception { log("start"); %3$s }
          public void stop() { log("stop"); }
          %5$s
        }
        """
            .formatted(LOG, module, start, type, more, LOADERS);
    Path build = Files.createTempDirectory(dir, "build");
    Path file = Files.writeString(build.resolve("M.java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String path = System.getProperty("java.class.path");
    assertThat(compiler.run(null, null, null, "-cp", path, file.toString())).isZero();
    try (OutputStream out = Files.newOutputStream(dir.resolve(jar));
        JarOutputStream zip = new JarOutputStream(out)) {
      zip.putNextEntry(new JarEntry("M.class"));
      zip.write(Files.readAllBytes(build.resolve("M.class")));
      zip.putNextEntry(new JarEntry("META-INF/services/" + Module.class.getName()));
      zip.write("M".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String service(String name) {
    return "context.service(\"%s\", String.class, String.class, () -> (s, m) -> {});"
        .formatted(name);
  }

  /** In whose class loaders it was logged. */
  private static String loaders() {
    return System.getProperty(LOADERS, "");
  }

  private static String log() {
    return System.getProperty(LOG, "");
  }

  private void assertRefused(Map<String, Map<String, Object>> blocks, String... said) {
    assertThatExceptionOfType(BootException.class)
        .isThrownBy(() -> Modules.start(dir, blocks, NOBODY, new ServiceRegistry()))
        .satisfies(e -> assertThat(e.line()).contains(said).doesNotContain("\n"));
  }

  @Test
  void modulesStartInOrderAndStopInReverse() throws Exception {
    jar("b.jar", "second", service("two"));
    jar("a.jar", "first", service("one"));
    Modules modules = Modules.start(dir, Map.of(), NOBODY, new ServiceRegistry());

    assertThat(modules.offers()).containsOnlyKeys("one", "two");
    modules.stop();
    assertThat(log()).isEqualTo("start first;start second;stop second;stop first;");
  }

  @Test
  void workersAreLinkedOnlyIfAModuleAsksForItsTopics() throws Exception {
    jar("a.jar", "first", service("one"));
    assertThat(Modules.start(dir, Map.of(), NOBODY, new ServiceRegistry()).useMesh()).isFalse();
    jar("b.jar", "second", "context.topics();");
    assertThat(Modules.start(dir, Map.of(), NOBODY, new ServiceRegistry()).useMesh()).isTrue();
  }

  @Test
  void eachJarHasAClassLoaderOfItsOwn() throws Exception {
    jar("a.jar", "first", service("one"));
    jar("b.jar", "second", service("two")); // the same class name, another class
    assertThat(Modules.start(dir, Map.of(), NOBODY, new ServiceRegistry()).offers().values())
        .extracting(offer -> ((OfModule) offer.factory()).loader().getName())
        .containsExactly("a.jar", "b.jar");
  }

  @Test
  void aFileThatIsNoJarIsNamed() throws Exception {
    jar("a.jar", "first", service("one"));
    Files.writeString(dir.resolve("b.jar"), "half of a downl");
    assertRefused(Map.of(), dir.resolve("b.jar") + " is no jar: ");
    Files.write(dir.resolve("b.jar"), new byte[0]);
    assertRefused(Map.of(), dir.resolve("b.jar") + " is no jar: ");
  }

  @Test
  void itsCodeRunsInItsClassLoader() throws Exception {
    jar("a.jar", "first", "");
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Modules.start(dir, Map.of(), NOBODY, new ServiceRegistry()).stop();
    assertThat(loaders()).isEqualTo("a.jar a.jar ");
    assertThat(Thread.currentThread().getContextClassLoader()).isEqualTo(before);
  }

  @Test
  void aModuleIsGivenItsBlock() throws Exception {
    jar("a.jar", "first", "log(context.config().toString());");
    Modules.start(dir, Map.of("first", Map.of("key", List.of(1))), NOBODY, new ServiceRegistry());
    assertThat(log()).contains("{key=[1]} first;");
  }

  @Test
  void noDirectoryIsNoModules() throws Exception {
    assertThat(
            Modules.start(dir.resolve("missing"), Map.of(), NOBODY, new ServiceRegistry()).offers())
        .isEmpty();
  }

  @Test
  void aBlockForAModuleThatIsNotThereIsRefused() throws Exception {
    jar("a.jar", "first", "");
    assertRefused(Map.of("frist", Map.of()), "baton.modules.frist", "first");
    assertThat(log()).isEmpty();
  }

  @Test
  void twoModulesOfOneNameAreRefused() throws Exception {
    jar("a.jar", "first", "");
    jar("b.jar", "first", "");
    assertRefused(Map.of(), "two modules are named first", "a.jar", "b.jar");
  }

  @Test
  void twoServicesOfOneNameAreRefused() throws Exception {
    jar("a.jar", "first", service("one"));
    jar("b.jar", "second", service("one"));
    assertRefused(
        Map.of(), "starting the module second", "service name one is taken by the module first");
  }

  @Test
  void aMetricOfOneNameAndAnotherTypeIsRefused() throws Exception {
    jar(
        "a.jar",
        "first",
        "context.metrics().counter(\"n\", \"Numbers\"); context.metrics().gauge(\"n\", \"Numbers\");");
    assertRefused(
        Map.of(), "starting the module first", "the metric name first_n is taken: it is a counter");
  }

  @Test
  void aModuleThatThrowsKeepsTheWorkerDownAndTheOthersAreStopped() throws Exception {
    jar("a.jar", "first", "");
    jar("b.jar", "second", "throw new java.io.IOException(\"no\\nluck\");");
    assertRefused(
        Map.of(), "starting the module second of ", "b.jar: java.io.IOException: no; luck");
    assertThat(log()).isEqualTo("start first;start second;stop first;");
  }

  // Codecs.

  private static final Map<String, Codec<?, ?>> OWN = Map.of("raw", new RawCodec());

  private void assertCodecsRefused(String... said) throws Exception {
    Modules modules = Modules.start(dir, Map.of(), NOBODY, new ServiceRegistry());
    assertThatExceptionOfType(BootException.class)
        .isThrownBy(() -> modules.codecs(OWN))
        .satisfies(e -> assertThat(e.line()).contains(said));
  }

  @Test
  void codecsOfModulesAreAskedForOnceAfterTheStart() throws Exception {
    jar("a.jar", "plain", "");
    codecJar("b.jar", "codecs", "Map.of(\"mine\", new RawCodec())");

    assertThat(Modules.start(dir, Map.of(), NOBODY, new ServiceRegistry()).codecs(OWN))
        .containsOnlyKeys("raw", "mine");
    assertThat(log()).isEqualTo("start plain;start codecs;codecs codecs;");
  }

  @Test
  void aCodecWithANameOfBatonsIsRefused() throws Exception {
    codecJar("a.jar", "first", "Map.of(\"raw\", new RawCodec())");
    assertCodecsRefused("the module first brings a codec raw", "taken by Baton itself");
  }

  @Test
  void twoCodecsOfOneNameAreRefused() throws Exception {
    codecJar("a.jar", "first", "Map.of(\"mine\", new RawCodec())");
    codecJar("b.jar", "second", "Map.of(\"mine\", new RawCodec())");
    assertCodecsRefused("the module second brings a codec mine", "taken by the module first");
  }

  @Test
  void codecsThatThrowAreRefused() throws Exception {
    codecJar("a.jar", "first", "Map.of(null, null)");
    assertCodecsRefused("the codecs of the module first of ", "a.jar", "NullPointerException");
  }
}
