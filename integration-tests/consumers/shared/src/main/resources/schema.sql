CREATE TABLE by_sql_init (id INTEGER);
