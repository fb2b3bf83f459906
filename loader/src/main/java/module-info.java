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
  requires static transitive software.amazon.awssdk.auth;
  requires static software.amazon.awssdk.awscore;
  requires static software.amazon.awssdk.core;
  requires static software.amazon.awssdk.http;
  requires static software.amazon.awssdk.http.apache5;
  requires static software.amazon.awssdk.regions;
  requires static transitive software.amazon.awssdk.services.s3;
  requires static software.amazon.awssdk.utils;
  requires static spring.boot;
  requires static spring.core;
}
