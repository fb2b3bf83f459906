/** Reads Litestream replicas through SQLite and JDBC. */
@SuppressWarnings("requires-transitive-automatic") // the AWS SDK has no module descriptors
module io.litestream.jdbc {
  exports io.litestream.jdbc;
  exports io.litestream.jdbc.micrometer;
  exports io.litestream.jdbc.s3;
  exports io.litestream.jdbc.store;
  exports io.litestream.jdbc.internal.spring to
      spring.core;

  provides java.sql.Driver with
      io.litestream.jdbc.LitestreamDriver;

  requires transitive java.sql;
  requires org.xerial.sqlitejdbc;
  requires static jdk.jfr;
  requires static jdk.management;
  requires static micrometer.core;
  requires static transitive org.jspecify;
  requires transitive software.amazon.awssdk.auth;
  requires software.amazon.awssdk.awscore;
  requires software.amazon.awssdk.core;
  requires software.amazon.awssdk.http;
  requires software.amazon.awssdk.http.apache5;
  requires software.amazon.awssdk.regions;
  requires transitive software.amazon.awssdk.services.s3;
  requires software.amazon.awssdk.utils;
  requires static spring.boot;
  requires static spring.core;
}
