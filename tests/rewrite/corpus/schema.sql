-- The tables with a `deleted_at` are registered.
CREATE TABLE author (id BIGINT, name VARCHAR(10));
CREATE TABLE post (id BIGINT, author_id BIGINT, title VARCHAR(10), deleted_at BIGINT);
CREATE TABLE comment (id BIGINT, post_id BIGINT, body VARCHAR(10), deleted_at BIGINT);
INSERT INTO author VALUES (1, 'a'), (2, 'b'), (3, 'c');
INSERT INTO post VALUES (1, 1, 'x', NULL), (2, 1, 'y', 9), (3, 2, 'z', NULL), (4, 3, 'x', 9);
INSERT INTO comment VALUES (1, 1, 'd', NULL), (2, 2, 'e', NULL), (3, 3, 'f', 9), (4, 3, 'g', NULL);
