package io.litestream.jdbc;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
          .importPackages("io.litestream.jdbc");

  private static final String FFI = "io.litestream.jdbc.internal.ffi";
  private static final String S3 = "io.litestream.jdbc.internal.store.s3";

  @Test
  void onlyFfiTouchesForeignMemory() {
    noClasses()
        .that()
        .resideOutsideOfPackage(FFI)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .because("unsafe code is one small, named place")
        .check(CLASSES);
  }

  @Test
  void onlyWhatIsForS3TouchesTheAwsSdk() {
    noClasses()
        .that()
        .resideOutsideOfPackages(S3 + "..", "io.litestream.jdbc.s3")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon..")
        .because("another store must work without it")
        .check(CLASSES);
  }

  @Test
  void thePublicPackagesAreTheExportedOnes() {
    Set<String> packages =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> !name.startsWith("io.litestream.jdbc.internal."))
            .collect(Collectors.toSet());
    assertThat(packages)
        .containsExactlyInAnyOrder(
            "io.litestream.jdbc",
            "io.litestream.jdbc.micrometer",
            "io.litestream.jdbc.s3",
            "io.litestream.jdbc.store");
  }

  @Test
  void publicTypesDoNotMentionInternalOnes() {
    classes()
        .that()
        .resideInAnyPackage(
            "io.litestream.jdbc", "io.litestream.jdbc.s3", "io.litestream.jdbc.store")
        .and()
        .arePublic()
        .should(mentionOnlyPublicTypes())
        .check(CLASSES);
  }

  @Test
  void theStoreInterfaceStandsAlone() {
    noClasses()
        .that()
        .resideInAPackage("io.litestream.jdbc.store")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.litestream.jdbc..")
                .and(not(resideInAPackage("io.litestream.jdbc.store"))))
        .check(CLASSES);
  }

  /** In the signatures of what users can call or extend. */
  private static ArchCondition<JavaClass> mentionOnlyPublicTypes() {
    return new ArchCondition<>("mention only public types") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Stream.concat(
                type.getCodeUnits().stream()
                    .filter(unit -> visible(unit.getModifiers()))
                    .flatMap(ArchitectureTest::types),
                Stream.concat(
                    type.getFields().stream()
                        .filter(field -> visible(field.getModifiers()))
                        .map(JavaField::getRawType),
                    Stream.concat(
                        type.getRawSuperclass().stream(), type.getRawInterfaces().stream())))
            .filter(
                mentioned -> mentioned.getPackageName().startsWith("io.litestream.jdbc.internal"))
            .forEach(
                mentioned ->
                    events.add(
                        SimpleConditionEvent.violated(
                            type, type.getName() + " mentions " + mentioned.getName())));
      }
    };
  }

  private static boolean visible(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  private static Stream<JavaClass> types(JavaCodeUnit unit) {
    return Stream.concat(
        Stream.concat(Stream.of(unit.getRawReturnType()), unit.getRawParameterTypes().stream()),
        unit.getExceptionTypes().stream());
  }
}
