package io.litestream.jdbc.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.litestream.jdbc.Litestream;
import io.litestream.jdbc.StoreRequests;
import io.litestream.testkit.fixture.Fixture;
import io.litestream.testkit.fixture.RowDigest;
import io.litestream.testkit.ltx.LtxKey;
import io.litestream.testkit.server.TestServers;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.s3.S3Client;

/** The fixtures of layout S3 on an S3 server, with the objects' metadata. */
@ExtendWith({LeakCheck.class, S3.class})
class S3FixturesTest {

  static List<Fixture> fixtures() {
    return Fixture.all().stream().filter(f -> f.expected().layout() == LtxKey.Layout.S3).toList();
  }

  private static String upload(Fixture fixture) throws IOException {
    String bucket = TestServers.newBucket();
    try (S3Client s3 = S3.server().client()) {
      return S3.server().replicaUrl(bucket, fixture.upload(s3, bucket, ""));
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void latestAndEveryInstant(Fixture fixture) throws IOException, SQLException {
    StoreRequests before = Litestream.storeRequests();
    try (Connection db = Sql.open(upload(fixture), FixturesTest.NO_POLLS)) {
      StoreRequests open = Litestream.storeRequests().since(before);
      FixturesTest.assertShows(db, fixture.expected().latest());
      StoreRequests read = Litestream.storeRequests().since(before);
      System.out.println(fixture + ": opened with " + open + ", all rows read with " + read);
      assertThat(RowDigest.integrity(db)).isEqualTo("ok");
      FixturesTest.assertEveryInstant(db, fixture.expected());
      assertThat(open.lists()).as("one listing of each level").isEqualTo(LtxKey.LEVELS);
      assertThat(open.probes()).isZero();
    }
  }
}
