package io.baton.systemtest;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The design's rules about who may know whom. */
class ArchitectureTest {
  private static final JavaClasses BATON =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.baton");

  private static final String SERVICE = "io.baton.service..";
  private static final String CODEC = "io.baton.codec..";
  private static final String LINK = "io.baton.link..";
  private static final String LINK_JSON = "io.baton.link.json..";
  private static final String[] COMMON = {
    "io.baton.config..",
    "io.baton.log..",
    "io.baton.mesh..",
    "io.baton.pipe..",
    "io.baton.posix..",
    "io.baton.credentials.."
  };
  private static final String MANAGER = "io.baton.manager..";
  private static final String WORKER = "io.baton.worker..";
  private static final String EXAMPLES = "io.baton.examples..";
  private static final String SOFTBUS = "io.baton.softbus..";
  private static final String SPICE = "io.baton.spice..";
  private static final String VSOCK_FRAMEWORK = "io.baton.vsockframework..";
  private static final String BENCH = "io.baton.bench..";

  @Test
  void allModulesAreLookedAt() {
    for (String each :
        new String[] {
          SERVICE,
          CODEC,
          LINK,
          LINK_JSON,
          MANAGER,
          WORKER,
          EXAMPLES,
          SOFTBUS,
          SPICE,
          VSOCK_FRAMEWORK,
          COMMON[0],
          COMMON[2],
          COMMON[3]
        }) {
      assertThat(BATON.stream().filter(resideInAPackage(each))).as(each).isNotEmpty();
    }
  }

  @Test
  void serviceDependsOnTheJdkAlone() {
    classes()
        .that()
        .resideInAPackage(SERVICE)
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(SERVICE, "java..", "org.jspecify.."))
        .check(BATON);
  }

  /** A user's codec compiles against it: it must not drag the worker in. */
  @Test
  void codecDependsOnServiceAndNettyAlone() {
    classes()
        .that()
        .resideInAPackage(CODEC)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(CODEC, SERVICE, "io.netty..", "java..", "org.jspecify.."))
        .check(BATON);
  }

  /** A client's jar: it brings nothing along. */
  @Test
  void linkDependsOnServiceAndTheJdkAlone() {
    classes()
        .that()
        .resideInAPackage(LINK)
        .and()
        .resideOutsideOfPackage(LINK_JSON)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                    LINK, SERVICE, "java..", "javax.crypto..", "javax.net.ssl..", "org.jspecify..")
                .and(not(resideInAPackage(LINK_JSON))))
        .check(BATON);
  }

  @Test
  void linkJsonDependsOnLinkAndJacksonAlone() {
    classes()
        .that()
        .resideInAPackage(LINK_JSON)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                LINK_JSON,
                "io.baton.link.types..",
                "tools.jackson..",
                "com.fasterxml.jackson.annotation..",
                "java..",
                "org.jspecify.."))
        .check(BATON);
  }

  /** They are built like a user's modules. */
  @ParameterizedTest
  @ValueSource(strings = {SOFTBUS, SPICE, VSOCK_FRAMEWORK})
  void protocolsDependOnServiceCodecAndNettyAlone(String protocol) {
    classes()
        .that()
        .resideInAPackage(protocol)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                protocol,
                CODEC,
                SERVICE,
                "io.netty..",
                "java..",
                "javax.crypto..",
                "org.jspecify.."))
        .check(BATON);
  }

  @Test
  void softbusesClientIsOnTheJdkAlone() {
    classes()
        .that()
        .resideInAnyPackage("io.baton.softbus.wire", "io.baton.softbus.client")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "io.baton.softbus.wire",
                "io.baton.softbus.client",
                "java..",
                "javax.crypto..",
                "org.jspecify.."))
        .check(BATON);
  }

  @Test
  void theVsockFrameworksRecordsAreOnTheJdkAlone() {
    classes()
        .that()
        .resideInAnyPackage("io.baton.vsockframework.cereal", "io.baton.vsockframework.example")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                "io.baton.vsockframework.cereal",
                "io.baton.vsockframework.example",
                "java..",
                "org.jspecify.."))
        .check(BATON);
  }

  @Test
  void importsRunOneWay() {
    noClasses()
        .that()
        .resideInAnyPackage(COMMON)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CODEC, MANAGER, WORKER, EXAMPLES, SOFTBUS, SPICE, VSOCK_FRAMEWORK)
        .check(BATON);
    noClasses()
        .that()
        .resideInAPackage(MANAGER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CODEC, WORKER, EXAMPLES, SOFTBUS, SPICE, VSOCK_FRAMEWORK)
        .check(BATON);
    noClasses()
        .that()
        .resideInAPackage(WORKER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(MANAGER, EXAMPLES, SOFTBUS, SPICE, VSOCK_FRAMEWORK)
        .check(BATON);
    noClasses()
        .that()
        .resideInAPackage(EXAMPLES)
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.baton..")
                .and(not(resideInAnyPackage(SERVICE, CODEC, LINK, EXAMPLES))))
        .check(BATON);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.baton.(*)..").should().beFreeOfCycles().check(BATON);
    slices().matching("io.baton.manager.(*)..").should().beFreeOfCycles().check(BATON);
    slices().matching("io.baton.worker.(*)..").should().beFreeOfCycles().check(BATON);
  }

  /** A class and what it is made of: each can be read, tested and changed without the whole. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.baton.codec",
        "io.baton.codec.http",
        "io.baton.codec.websocket",
        "io.baton.examples",
        "io.baton.link",
        "io.baton.link.client",
        "io.baton.link.clock",
        "io.baton.link.core",
        "io.baton.link.service",
        "io.baton.link.stream",
        "io.baton.link.testkit",
        "io.baton.log",
        "io.baton.manager.admin",
        "io.baton.manager.certificate",
        "io.baton.manager.history",
        "io.baton.manager.listen",
        "io.baton.manager.process",
        "io.baton.manager.text",
        "io.baton.mesh",
        "io.baton.pipe",
        "io.baton.posix",
        "io.baton.service",
        "io.baton.softbus",
        "io.baton.softbus.client",
        "io.baton.softbus.wire",
        "io.baton.spice",
        "io.baton.spice.dashboard",
        "io.baton.vsockframework",
        "io.baton.vsockframework.cereal",
        "io.baton.vsockframework.example",
        "io.baton.worker",
        "io.baton.worker.codec.frame",
        "io.baton.worker.codec.line",
        "io.baton.worker.codec.raw",
        "io.baton.worker.delivery",
        "io.baton.worker.drain",
        "io.baton.worker.failure",
        "io.baton.worker.identity",
        "io.baton.worker.lane",
        "io.baton.worker.load",
        "io.baton.worker.loop",
        "io.baton.worker.memory",
        "io.baton.worker.mesh",
        "io.baton.worker.migration",
        "io.baton.worker.module",
        "io.baton.worker.pipe",
        "io.baton.worker.services",
        "io.baton.worker.session",
        "io.baton.worker.spool",
        "io.baton.worker.time",
        "io.baton.worker.topics"
      })
  void classesOfAPackageDoNotDependOnEachOtherInACircle(String name) {
    assertThat(BATON.stream().filter(each -> each.getPackageName().equals(name))).isNotEmpty();
    slices().assignedFrom(new TopLevelClasses(name)).should().beFreeOfCycles().check(BATON);
  }

  /** Each top-level class of one package, with all that is nested in it, is a slice of its own. */
  private record TopLevelClasses(String ofPackage) implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
      if (!javaClass.getPackageName().equals(ofPackage)) {
        return SliceIdentifier.ignore();
      }
      JavaClass top = javaClass;
      for (Optional<JavaClass> outer = top.getEnclosingClass();
          outer.isPresent();
          outer = top.getEnclosingClass()) {
        top = outer.get();
      }
      return SliceIdentifier.of(top.getSimpleName());
    }

    @Override
    public String getDescription() {
      return "the top-level classes of " + ofPackage;
    }
  }

  /** The names of signals and errors may be used anywhere: they are numbers, not calls. */
  @Test
  void nativeCallsAreMadeInThePosixPackageAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.baton.posix..")
        .and()
        .doNotHaveFullyQualifiedName("io.baton.manager.admin.AdminSocket")
        .should()
        .dependOnClassesThat(
            resideInAPackage("jnr..").and(not(resideInAPackage("jnr.constants.."))))
        .check(BATON);
  }

  /** The benchmarks are not even on our class path. */
  @Test
  void nobodyKnowsTheBenchmarks() {
    noClasses()
        .that()
        .resideOutsideOfPackage(BENCH)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(BENCH)
        .check(BATON);
  }

  /** And of users' modules, as the examples are. */
  @Test
  void nettyIsKnownToCodecAndWorkerAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackages(CODEC, WORKER, EXAMPLES, SOFTBUS, SPICE, VSOCK_FRAMEWORK)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .check(BATON);
  }

  /** What is said to other machines is decided apart from the connection to the broker. */
  @Test
  void theBrokersClientIsKnownToItsConnectionAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.baton.worker.broker.nats")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.nats..")
        .check(BATON);
    noClasses()
        .that()
        .resideInAPackage("io.baton.worker.broker")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "io.netty..", "java.net..", "java.nio.channels..", "java.util.concurrent.."))
        .check(BATON);
  }

  @Test
  void onlyAMainEndsTheProcess() {
    noClasses()
        .that()
        .doNotHaveSimpleName("Main")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(BATON);
  }

  @Test
  void fleetAndPlacementMakeNoSystemCallAndReadNoClock() {
    noClasses()
        .that()
        .resideInAnyPackage("io.baton.manager.fleet..", "io.baton.manager.placement..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "io.baton.posix..",
                    "java.io..",
                    "java.nio.channels..",
                    "java.nio.file..",
                    "java.util.concurrent..",
                    "org.slf4j..")
                .or(JavaClass.Predicates.type(Thread.class))
                .or(JavaClass.Predicates.type(ProcessHandle.class))
                .or(JavaClass.Predicates.type(java.net.Socket.class))
                .or(JavaClass.Predicates.type(java.net.ServerSocket.class)))
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(BATON);
  }

  /** They are tested from seeds: numbers, bytes and events are all they know. */
  @Test
  void topicsAndServicesTouchNoChannelThreadOrTime() {
    noClasses()
        .that()
        .resideInAnyPackage("io.baton.worker.topics", "io.baton.worker.services")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "io.baton.posix..",
                    "io.netty..",
                    "java.io..",
                    "java.net..",
                    "java.nio.channels..",
                    "java.nio.file..",
                    "java.time..",
                    "java.util.concurrent..",
                    "org.slf4j..")
                .or(JavaClass.Predicates.type(Thread.class)))
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(BATON);
  }

  /**
   * It is saved, moved and tested from seeds: bytes and events are all it knows, and that a source
   * of bytes may fail.
   */
  @Test
  void linksCoreTouchesNoChannelThreadOrTime() {
    noClasses()
        .that()
        .resideInAPackage("io.baton.link.core")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "java.io..",
                    "java.net..",
                    "java.nio.channels..",
                    "java.nio.file..",
                    "java.time..",
                    "java.util.concurrent..")
                .and(not(JavaClass.Predicates.type(IOException.class)))
                .or(JavaClass.Predicates.type(Thread.class)))
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(BATON);
  }

  /**
   * A worker's deadline is a thread that sleeps until it is due; who dials a guest waits between
   * two attempts; two commands look again until their user has seen enough.
   */
  @Test
  void nobodyElseSleeps() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.baton.worker.Main")
        .and()
        .doNotHaveFullyQualifiedName("io.baton.link.Time$1")
        .and()
        .doNotHaveFullyQualifiedName("io.baton.manager.LogsCommand")
        .and()
        .doNotHaveFullyQualifiedName("io.baton.manager.TopCommand")
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .check(BATON);
  }
}
