CREATE TABLE by_flyway (id INTEGER);
