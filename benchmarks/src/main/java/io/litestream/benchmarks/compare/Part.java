package io.litestream.benchmarks.compare;

import io.litestream.testkit.data.Sample;
import io.litestream.testkit.data.Sample.Shape;
import io.litestream.testkit.data.SampleTable;
import java.nio.file.Path;

/** What one process measures, and on which replica. */
enum Part {
  START(SampleTable.SMALL, Shape.SNAP),
  SNAP(SampleTable.SMALL, Shape.SNAP),
  SCAN(SampleTable.SMALL, Shape.SNAP),
  STEADY(SampleTable.SMALL, Shape.STEADY),
  STEADY_RANDOM(SampleTable.SMALL, Shape.STEADY_RANDOM),
  LIVE(SampleTable.SMALL, Shape.STEADY),
  STREAMING(SampleTable.SMALL, Shape.SNAP),
  HEDGING(SampleTable.SMALL, Shape.SNAP),
  LARGE(SampleTable.LARGE, Shape.SNAP),
  HUGE(SampleTable.SMALL, Shape.SNAP),
  RESTORE(SampleTable.SMALL, Shape.SNAP),
  RESTORE_STEADY(SampleTable.SMALL, Shape.STEADY),
  WARM(SampleTable.SMALL, Shape.SNAP),
  WARM_LARGE(SampleTable.LARGE, Shape.SNAP);

  private final SampleTable table;
  private final Shape shape;

  Part(SampleTable table, Shape shape) {
    this.table = table;
    this.shape = shape;
  }

  /** Its sample, made where there is none yet. */
  Sample sample(Path data) {
    return Sample.in(data, table, shape);
  }
}
