package io.litestream.jdbc.internal.ffi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.LitestreamDriver;
import java.io.InputStream;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What GraalVM's native-image must be told: every shape of call into and from the core. Compared
 * with the code only; no image was built.
 */
class ReachabilityTest {

  private static final String RESOURCE =
      "/META-INF/native-image/io.litestream/litestream-jdbc/reachability-metadata.json";

  @Test
  void theMetadataHasEveryCall() throws Exception {
    try (InputStream in =
        Objects.requireNonNull(ReachabilityTest.class.getResourceAsStream(RESOURCE))) {
      assertThat(new String(in.readAllBytes(), UTF_8))
          .as("src/main/resources%s, which must be as expected here", RESOURCE)
          .isEqualTo(expected());
    }
  }

  private static String expected() {
    String host = HostUpcalls.class.getName();
    return """
    {
      "reflection": [
        {"type": "%s", "methods": [{"name": "<init>", "parameterTypes": []}]},
        {"type": "%s", "methods": [
    %s
        ]}
      ],
      "resources": [
        {"glob": "META-INF/native/**"},
        {"glob": "io/litestream/jdbc/internal/ffi/version.txt"}
      ],
      "foreign": {
        "downcalls": [
    %s
        ],
        "directUpcalls": [
    %s
        ]
      }
    }
    """
        .formatted(
            LitestreamDriver.class.getName(),
            host,
            lines(
                HostTable.FUNCTIONS.entrySet().stream(),
                upcall ->
                    "{\"name\": \"%s\", \"parameterTypes\": [%s]}"
                        .formatted(
                            upcall.getKey(), list(upcall.getValue(), ReachabilityTest::javaType))),
            lines(
                NativeCore.FUNCTIONS.values().stream()
                    .map(ReachabilityTest::shape)
                    .distinct()
                    .sorted(),
                shape -> "{" + shape + "}"),
            lines(
                HostTable.FUNCTIONS.entrySet().stream(),
                upcall ->
                    "{\"class\": \"%s\", \"method\": \"%s\", %s}"
                        .formatted(host, upcall.getKey(), shape(upcall.getValue()))));
  }

  private static <T> String lines(Stream<T> all, Function<T, String> line) {
    return all.map(line).map(text -> "      " + text).collect(Collectors.joining(",\n"));
  }

  private static String shape(FunctionDescriptor call) {
    return "\"returnType\": \"%s\", \"parameterTypes\": [%s]"
        .formatted(
            call.returnLayout().map(ReachabilityTest::nativeType).orElse("void"),
            list(call, ReachabilityTest::nativeType));
  }

  private static String list(FunctionDescriptor call, Function<MemoryLayout, String> type) {
    return call.argumentLayouts().stream()
        .map(layout -> "\"" + type.apply(layout) + "\"")
        .collect(Collectors.joining(", "));
  }

  private static String nativeType(MemoryLayout layout) {
    return layout instanceof AddressLayout ? "void*" : "j" + javaType(layout);
  }

  private static String javaType(MemoryLayout layout) {
    return ((ValueLayout) layout).carrier().getName();
  }
}
