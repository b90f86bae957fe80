//! Odd values, there and back.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};

use super::fixture::{archive, archive_specimens, create_specimens, number, purge, run};
use support::{Kind, TestDb, TestResult, on_backends, on_every_backend};

/// Archives all specimens, restores them, and compares.
async fn there_and_back(db: &TestDb, columns: &[&str]) -> TestResult {
    // What the deletion writes is different by then.
    run(db, &["CREATE TABLE before_it AS SELECT * FROM specimen"]).await?;
    let rows = number(db, "SELECT COUNT(*) FROM specimen").await?;
    let deletion = archive_specimens(db).await?;
    assert_eq!(number(db, "SELECT COUNT(*) FROM specimen").await?, 0);
    let restored = archive().restore().deletion(deletion).exec(db).await?;
    assert_eq!(restored.rows_affected(), rows.unsigned_abs());
    assert_eq!((restored.dropped.len(), restored.defaulted.len()), (0, 0));
    for column in columns {
        let same = match db.backend() {
            DbBackend::Postgres => {
                format!("s.{column}::text IS NOT DISTINCT FROM b.{column}::text")
            }
            DbBackend::MySql => {
                format!("HEX(s.{column}) <=> HEX(b.{column}) AND s.{column} <=> b.{column}")
            }
            _ => format!(
                "typeof(s.{column}) = typeof(b.{column}) AND quote(s.{column}) = quote(b.{column}) AND s.{column} IS b.{column}"
            ),
        };
        let sql =
            format!("SELECT COUNT(*) FROM specimen s JOIN before_it b ON b.id = s.id WHERE {same}");
        assert_eq!(number(db, &sql).await?, rows, "{column}");
    }
    Ok(())
}

on_backends! {
    [postgres Postgres Pool, scoped_postgres Postgres Scoped]

    async fn all_types_of_postgres_come_back(db: &TestDb) {
        run(db, &[
            "CREATE TYPE mood AS ENUM ('fine', 'it''s \"so\" \\ so')",
            "CREATE TYPE pair AS (a int, b text)",
            "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
        ]).await?;
        create_specimens(db, "
            \"specimen\" text, \"Odd \"\"name\" text, i2 smallint, i8 bigint, n numeric, n2 numeric(40,20), f4 real, f8 double precision, b boolean, t text,
            c char(5), v varchar(20), by bytea, u uuid, d date, ti time(6), tz timetz, ts timestamp, tstz timestamptz, iv interval,
            j json, jb jsonb, ia int[], ta text[], m mood, ma mood[], p pair, pos positive, r int4range, bits bit(5), vb varbit, ip inet, x xml,
            mo money, pt point, tv tsvector, oid_ oid, ch \"char\", jba jsonb[], g bigint GENERATED ALWAYS AS (id % 7) STORED").await?;
        run(db, &[
            "INSERT INTO specimen (id) VALUES (1)",
            "INSERT INTO specimen VALUES (2, 'whole', 'odd', -32768, 9223372036854775807, 'NaN', 12345678901234567890.12345678901234567891, 'NaN', 'Infinity', true,
             'it''s \"q\" \\ 😀 / é ' || chr(10) || chr(1), 'ab', '', '\\x00ff27', '00000000-0000-0000-0000-000000000001', '0044-03-15 BC', '23:59:59.999999',
             '12:00:00.5+05:30', 'infinity', '2024-02-29 12:00:00.123456+02', '1 mon -2 days 03:04:05.000006', '{\"b\" :  1, \"b\": 2.10}', 'null',
             '[0:1]={1,NULL}', '{\"a,b\",\"NULL\",NULL,\"q\\\"\"}', 'it''s \"so\" \\ so', '{fine}', '(1,\"x,\"\"y\")', 3, '[1,5)', '10101', '1', '::1/128', '<a>&amp;</a>',
             12.34, '(1.5,2)', 'fat & rat', 4294967295, 'x', '{\"{\\\"a\\\": 1}\", NULL}')",
            "INSERT INTO specimen (id, n, f4, f8, ts, ia, t, j, jb, iv) VALUES (-9223372036854775808, 'Infinity', 0.1, 0.1::float8 + 0.2, '-infinity', '{{1,2},{3,4}}', '', 'null', '1e400', '-1 year')",
            "INSERT INTO specimen (id, f4, f8, n, j) VALUES (3, 1e-45, 5e-324, 1e-300, ' \"text\" '), (4, 3.4028235e38, 1.7976931348623157e308, -0.00, '[]')",
        ]).await?;
        there_and_back(db, &[
            "\"specimen\"", "\"Odd \"\"name\"", "i2", "i8", "n", "n2", "f4", "f8", "b", "t", "c", "v", "\"by\"", "u", "d", "ti", "tz", "ts", "tstz", "iv", "j", "jb",
            "ia", "ta", "m", "ma", "p", "pos", "r", "bits", "vb", "ip", "x", "mo", "pt", "tv", "oid_", "ch", "jba", "g",
        ]).await?;
    }

    async fn rows_of_more_columns_than_a_function_takes_come_back(db: &TestDb) {
        let columns: Vec<_> = (0..200).map(|n| format!("c{n} int DEFAULT {n}")).collect();
        create_specimens(db, &columns.join(", ")).await?;
        run(db, &["INSERT INTO specimen (id) VALUES (1)"]).await?;
        there_and_back(db, &["c0", "c199"]).await?;
    }
}

on_backends! {
    [postgres Postgres Pool]

    async fn a_key_that_postgres_numbers_itself_comes_back(db: &TestDb) {
        run(db, &[
            "CREATE TABLE specimen (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text, deleted_at TIME, deletion_id UUID)",
            "INSERT INTO specimen (title) VALUES ('a'), ('b')",
        ]).await?;
        there_and_back(db, &["id", "title"]).await?;
    }

    async fn the_style_of_dates_does_not_matter(db: &TestDb) {
        create_specimens(db, "d date, ts timestamp, tstz timestamptz").await?;
        run(db, &[
            "INSERT INTO specimen VALUES (1, '2024-03-04', '2024-03-04 05:06:07.000008', '2024-03-04 05:06:07.000008+02')",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET datestyle = ''SQL, DMY''', current_database()); END $$",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Kolkata''', current_database()); END $$",
        ]).await?;
        there_and_back(db, &["d", "ts", "tstz"]).await?;
    }
}

on_backends! {
    [mariadb MariaDb Pool, scoped_mariadb MariaDb Scoped]

    async fn all_types_of_mariadb_come_back(db: &TestDb) {
        create_specimens(db, "
            `specimen` text, `Odd ``name's` text, ub bigint unsigned, i1 tinyint, b1 boolean, f float, d double, dc decimal(65,30), b blob, lb longblob, bt bit(64), bt1 bit(1),
            e enum('fine', 'it''s \"so\"'), s set('p','q'), y year, da date, ti time(6), dt datetime(6), ts timestamp(6) NULL, j json, g geometry,
            tx text, l varchar(10) character set latin1, vb varbinary(20), bi binary(4), u uuid, ip inet6, c char(5), gen bigint AS (id % 7) STORED, gv bigint AS (id % 5) VIRTUAL").await?;
        run(db, &[
            "INSERT INTO specimen (id) VALUES (1)",
            "INSERT INTO specimen (id, `specimen`, `Odd ``name's`, ub, i1, b1, f, d, dc, b, lb, bt, bt1, e, s, y, da, ti, dt, ts, j, g, tx, l, vb, bi, u, ip, c) VALUES
             (9223372036854775807, 'whole', 'odd', 18446744073709551615, -128, TRUE, 0.1, 0.1e0 + 0.2e0, 12345678901234567890123456789012345.123456789012345678901234567891, x'00ff275c', x'',
              b'1000000000000000000000000000000000000000000000000000000000000001', b'1', 'it''s \"so\"', 'p,q', 2024, '9999-12-31', '-838:59:59.000001', '1000-01-01 00:00:00.000001',
              '2037-12-31 23:59:59.999999', '{\"a\":  1.10, \"a\": 2}', ST_GeomFromText('POINT(1.5 2)', 4326), 'it''s \"q\" \\\\ 😀 / é \\n \\t \\0', 'ü', x'00', x'01', '123e4567-e89b-12d3-a456-426614174000', '::1', 'ab ')",
            "INSERT INTO specimen (id, f, d, dc, s, tx, ti) VALUES (-5, 3.4028234e38, 1.7976931348623157e308, 0, '', '', '00:00:00.5'), (-6, 1e-45, 5e-324, -0.1, 'q', ' ', '838:59:59')",
        ]).await?;
        there_and_back(db, &[
            "`specimen`", "`Odd ``name's`", "ub", "i1", "b1", "f", "d", "dc", "b", "lb", "bt", "bt1", "e", "s", "y", "da", "ti", "dt", "ts", "j", "g", "tx", "l", "vb", "bi", "u", "ip", "c",
            "gen", "gv",
        ]).await?;
    }
}

on_backends! {
    [mysql MySql Pool, scoped_mysql MySql Scoped]

    async fn all_types_of_mysql_come_back(db: &TestDb) {
        create_specimens(db, "
            `specimen` text, `Odd ``name's` text, ub bigint unsigned, i1 tinyint, b1 boolean, f float, d double, dc decimal(65,30), b blob, lb longblob, bt bit(64), bt1 bit(1),
            e enum('fine', 'it''s \"so\"'), s set('p','q'), y year, da date, ti time(6), dt datetime(6), ts timestamp(6) NULL, j json, g geometry,
            tx text, l varchar(10) character set latin1, vb varbinary(20), bi binary(4), c char(5), gen bigint AS (id % 7) STORED, gv bigint AS (id % 5) VIRTUAL").await?;
        run(db, &[
            "INSERT INTO specimen (id) VALUES (1)",
            "INSERT INTO specimen (id, `specimen`, `Odd ``name's`, ub, i1, b1, f, d, dc, b, lb, bt, bt1, e, s, y, da, ti, dt, ts, j, g, tx, l, vb, bi, c) VALUES
             (9223372036854775807, 'whole', 'odd', 18446744073709551615, -128, TRUE, 0.1, 0.1e0 + 0.2e0, 12345678901234567890123456789012345.123456789012345678901234567891, x'00ff275c', x'',
              b'1000000000000000000000000000000000000000000000000000000000000001', b'1', 'it''s \"so\"', 'p,q', 2024, '9999-12-31', '-838:59:58.000001', '1000-01-01 00:00:00.000001',
              '2037-12-31 23:59:59.999999', '{\"a\":  1.10, \"b\": [null, \"x\"]}', ST_GeomFromText('POINT(1.5 2)', 4326), 'it''s \"q\" \\\\ 😀 / é \\n \\t \\0', 'ü', x'00', x'01', 'ab ')",
            "INSERT INTO specimen (id, f, d, dc, s, tx, ti, j) VALUES (-5, 3.4028234e38, 1.7976931348623157e308, 0, '', '', '00:00:00.5', 'null'), (-6, 1e-45, 5e-324, -0.1, 'q', ' ', '838:59:59', '7')",
        ]).await?;
        there_and_back(db, &[
            "`specimen`", "`Odd ``name's`", "ub", "i1", "b1", "f", "d", "dc", "b", "lb", "bt", "bt1", "e", "s", "y", "da", "ti", "dt", "ts", "j", "g", "tx", "l", "vb", "bi", "c",
            "gen", "gv",
        ]).await?;
    }
}

on_backends! {
    [mariadb MariaDb Pool, mysql MySql Pool]

    async fn a_row_that_the_server_has_no_packet_for_is_not_purged(db: &TestDb) {
        create_specimens(db, "b longblob").await?;
        // More than half of the server's `max_allowed_packet`: the archive has two characters for each byte.
        let bytes = if db.kind() == Kind::MySql { 40_000_000 } else { 10_000_000 };
        run(db, &[&format!("INSERT INTO specimen (id, b) VALUES (1, REPEAT('x', {bytes}))")]).await?;
        run(db, &["UPDATE specimen SET deleted_at = '2024-01-01 00:00:00'"]).await?;
        let report = purge(db, "specimens").await?;
        assert_eq!(report.tables()[0].passed_over.len(), 1, "{report}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM specimen").await?, 1);
    }
}

on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, scoped_sqlite SqliteMemory Scoped]

    async fn values_of_any_type_come_back_from_sqlite(db: &TestDb) {
        create_specimens(db, "\"specimen\", \"Odd \"\"name's\", a, b text, c integer, d real, e blob, f numeric, g AS (id * 2) STORED").await?;
        run(db, &[
            "INSERT INTO specimen (id) VALUES (1)",
            "INSERT INTO specimen (id, \"specimen\", \"Odd \"\"name's\", a, b, c, d, e, f) VALUES
             (9223372036854775807, 'whole', 'odd', x'00ff', x'', 'not a number', 'text', 1.5, 9e999),
             (-9223372036854775808, 1.0, 5.0, 0.1 + 0.2, '', -9223372036854775808, 5e-324, 'it''s \"q\" \\ 😀 / é' || char(10) || char(0) || 'z', 1e15),
             (2, -9e999, 1.7976931348623157e308, '7', '7.0', 7.5, 7, 7, '7'),
             (3, 9007199254740993, 9007199254740993.0, -0.1, ' ', 1e300, 3, x'7b7d', '{\"hex\":\"00\"}')",
        ]).await?;
        there_and_back(db, &["\"specimen\"", "\"Odd \"\"name's\"", "a", "b", "c", "d", "e", "f", "g"]).await?;
    }

    async fn rows_of_more_columns_than_a_function_takes_come_back_from_sqlite(db: &TestDb) {
        let columns: Vec<_> = (0..700).map(|n| format!("c{n} int DEFAULT {n}")).collect();
        create_specimens(db, &columns.join(", ")).await?;
        run(db, &["INSERT INTO specimen (id) VALUES (1)"]).await?;
        there_and_back(db, &["c0", "c699"]).await?;
    }
}

/// A generator of bits that are always the same.
struct Bits(u64);

impl Bits {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

on_every_backend! {
    async fn random_values_come_back(db: &TestDb) {
        let (double, bytes) = match db.kind() {
            Kind::Postgres => ("double precision", "bytea"),
            Kind::MariaDb | Kind::MySql => ("double", "blob"),
            _ => ("real", "blob"),
        };
        create_specimens(db, &format!("n bigint, f {double}, t text, b {bytes}")).await?;
        let mut bits = Bits(0x9e37_79b9_7f4a_7c15);
        let insert = match db.backend() {
            DbBackend::Postgres => "INSERT INTO specimen (id, n, f, t, b) VALUES ($1, $2, $3, $4, $5)",
            _ => "INSERT INTO specimen (id, n, f, t, b) VALUES (?, ?, ?, ?, ?)",
        };
        for id in 0..150_i64 {
            let mut double = f64::from_bits(bits.next());
            if !double.is_finite() || id % 3 == 0 {
                double = (bits.next() % 1_000_000) as f64 / 1000.0;
            }
            let text: String = (0..bits.next() % 20)
                .filter_map(|_| char::from_u32((bits.next() % 0x1_0500) as u32))
                .filter(|one| *one != '\0')
                .collect();
            let bytes: Vec<_> = (0..bits.next() % 20).map(|_| bits.next() as u8).collect();
            let values: [Value; 5] = [id.into(), (bits.next() as i64).into(), double.into(), text.into(), bytes.into()];
            let statement = Statement::from_sql_and_values(db.backend(), insert, values);
            db.connection().execute_raw(statement).await?;
        }
        there_and_back(db, &["n", "f", "t", "b"]).await?;
    }
}
