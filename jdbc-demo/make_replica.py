#!/usr/bin/env python3
"""Writes the demo's replica with real Litestream: make_replica.py OUT.zip

Environment: LITESTREAM, the program (default: litestream on the PATH; the one that ships was written by v0.5.18).
Takes two minutes. The result goes to src/main/resources/io/litestream/demo/coffee-bar.zip.
"""
import os, random, signal, sqlite3, subprocess, sys, tempfile, time, zipfile

CONF = """
l0-retention: 10m
levels: [{{interval: 30s}}, {{interval: 5m}}]
snapshot: {{interval: 1h, retention: 24h}}
dbs:
  - path: {dir}/coffee.db
    monitor-interval: 100ms
    replica: {{url: "file://{dir}/replica", sync-interval: 200ms}}
"""

SCHEMA = [
    "create table product(id integer primary key, name text not null, price numeric not null,"
    " stock integer not null, note text)",
    "create table sale(id integer primary key, product integer not null references product(id),"
    " quantity integer not null)",
    "insert into product values(1,'Espresso',2.20,400,null),(2,'Flat White',3.40,250,null),"
    "(3,'Cold Brew',3.90,120,'summer'),(4,'Croissant',1.80,60,null),(5,'Banana Bread',2.90,24,'vegan')",
]
NEW_PRODUCT = ["insert into product values(6,'Oat Cookie',1.50,80,'vegan')",
               "update product set price=3.60 where id=2"]
WITHDRAWN = ["delete from product where id=3"]
ACCIDENT = ["update product set price=0, note='SALE'"]  # somebody forgot the WHERE
REPAIR = ["update product set price=case id when 1 then 2.20 when 2 then 3.60 when 4 then 1.80"
          " when 5 then 2.90 else 1.50 end, note=case when id in (5,6) then 'vegan' end"]


def sales(rnd, count, products):
    for _ in range(count):
        product, quantity = rnd.choice(products), rnd.randint(1, 3)
        yield f"insert into sale(product,quantity) values({product},{quantity})"
        yield f"update product set stock=stock-{quantity} where id={product}"


def story(rnd):
    yield sales(rnd, 12, (1, 2, 3, 4, 5))
    yield sales(rnd, 15, (1, 2, 3, 4, 5))
    yield NEW_PRODUCT
    yield sales(rnd, 10, (1, 2, 3, 4, 6))
    yield WITHDRAWN
    yield sales(rnd, 14, (1, 2, 4, 6))
    yield ACCIDENT
    yield sales(rnd, 9, (1, 2, 4, 6))
    yield REPAIR
    yield sales(rnd, 11, (1, 2, 4, 6))


def transaction(db, statements):
    db.execute("begin")
    for statement in statements:
        db.execute(statement)
    db.execute("commit")


def pack(replica, target):
    with zipfile.ZipFile(target, "w") as z:
        for folder, _, names in sorted(os.walk(replica)):
            for name in sorted(n for n in names if n.endswith(".ltx")):
                path = os.path.join(folder, name)
                entry = zipfile.ZipInfo(os.path.relpath(path, replica))
                entry.compress_type = zipfile.ZIP_DEFLATED
                z.writestr(entry, open(path, "rb").read())


def main(target):
    with tempfile.TemporaryDirectory() as dir:
        open(f"{dir}/conf.yml", "w").write(CONF.format(dir=dir))
        db = sqlite3.connect(f"{dir}/coffee.db", isolation_level=None)
        db.execute("pragma journal_mode=wal")
        db.execute("pragma wal_autocheckpoint=0")
        transaction(db, SCHEMA)
        program = [os.environ.get("LITESTREAM", "litestream"), "replicate", "-config", f"{dir}/conf.yml"]
        # Litestream refuses to start with this variable.
        env = {k: v for k, v in os.environ.items() if k != "AWS_CA_BUNDLE"}
        with subprocess.Popen(program, env=env) as litestream:
            time.sleep(6)
            for statements in story(random.Random(7)):
                transaction(db, statements)
                time.sleep(9)
            litestream.send_signal(signal.SIGINT)
        pack(f"{dir}/replica", target)


if __name__ == "__main__":
    main(sys.argv[1])
