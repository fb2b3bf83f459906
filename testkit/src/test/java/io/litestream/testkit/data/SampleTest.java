package io.litestream.testkit.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.testkit.data.Sample.Shape;
import io.litestream.testkit.ltx.Listed;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.ltx.LtxReader;
import io.litestream.testkit.ltx.ReferenceRestore;
import io.litestream.testkit.ltx.RestorePlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleTest {

  private static final SampleTable TABLE = new SampleTable(2_000);

  /** A file of the replica. */
  private record File(LtxKey key, long createdMs, Path path) implements Listed {}

  private static List<File> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile)
          .map(
              path ->
                  new File(LtxKey.parse(root.relativize(path).toString()).orElseThrow(), 0, path))
          .toList();
    }
  }

  private static byte[] read(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theSteadyReplicaIsWhatLitestreamWouldHave(@TempDir Path temp) throws IOException {
    Sample sample = Sample.in(temp, TABLE, Shape.STEADY);
    List<File> files = files(sample.replica());
    Map<Integer, Long> levels =
        files.stream().collect(Collectors.groupingBy(f -> f.key().level(), Collectors.counting()));
    assertThat(levels).isEqualTo(Map.of(0, 300L, 1, 2399L, 2, 239L, 3, 19L, 9, 1L));
    assertThat(RestorePlan.latest(files)).hasSize(Sample.PLANNED_FILES);
    for (File file : files) {
      LtxReader.decode(read(file.path()));
    }
    ReferenceRestore.Database restored =
        new ReferenceRestore<>(
                new ReferenceRestore.Source<File>() {
                  @Override
                  public List<File> list() {
                    return files;
                  }

                  @Override
                  public byte[] read(File file) {
                    return SampleTest.read(file.path());
                  }
                })
            .latest()
            .orElseThrow();
    assertThat(restored.txid()).isEqualTo(Sample.txid(Sample.TRANSACTIONS));
    assertThat(restored.image()).isEqualTo(read(sample.database()));
    assertThat(files(sample.later())).hasSize(Sample.LATER);
  }
}
