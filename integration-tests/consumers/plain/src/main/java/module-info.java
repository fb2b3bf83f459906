module consumer {
  requires io.litestream.jdbc;
}
