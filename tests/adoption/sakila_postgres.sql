-- Sakila sample schema, re-created from its public description, for PostgreSQL.
--
-- Sakila was made by Mike Hillyer (MySQL AB) and is under the New BSD licence. Pagila is its form for PostgreSQL:
-- names, types and keys here are Pagila's. The key from store to staff is one that its newer versions have lost.
--
-- Left out:
--   the partitions of payment, which is one table here, with the keys of Pagila's first versions
--   functions, and the views other than customer_list, film_list and staff_list
--   what newer versions of Pagila add to Sakila (columns `uuid`, film_embedding, …)
--
-- film.fulltext is a tsvector, for which SeaORM has no type: the entity has an ignored field for it.
--
-- As in the original: staff.store_id is the one key with neither ON DELETE nor ON UPDATE, and payment.rental_id is
-- NOT NULL although its key says ON DELETE SET NULL.

CREATE TYPE mpaa_rating AS ENUM ('G', 'PG', 'PG-13', 'R', 'NC-17');

CREATE DOMAIN year AS integer CONSTRAINT year_check CHECK (VALUE >= 1901 AND VALUE <= 2155);

CREATE FUNCTION last_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.last_update = CURRENT_TIMESTAMP;
    RETURN NEW;
END $$;

-- Films

CREATE TABLE language (
    language_id serial PRIMARY KEY,
    name        text NOT NULL,
    last_update timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE category (
    category_id serial PRIMARY KEY,
    name        text NOT NULL,
    last_update timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE actor (
    actor_id    serial PRIMARY KEY,
    first_name  text NOT NULL,
    last_name   text NOT NULL,
    last_update timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE film (
    film_id              serial PRIMARY KEY,
    title                text NOT NULL,
    description          text,
    release_year         year,
    language_id          integer NOT NULL,
    original_language_id integer,
    rental_duration      smallint NOT NULL DEFAULT 3,
    rental_rate          numeric(4, 2) NOT NULL DEFAULT 4.99,
    length               smallint,
    replacement_cost     numeric(5, 2) NOT NULL DEFAULT 19.99,
    rating               mpaa_rating DEFAULT 'G',
    last_update          timestamptz NOT NULL DEFAULT now(),
    special_features     text[],
    fulltext             tsvector NOT NULL,
    CONSTRAINT film_language_id_fkey FOREIGN KEY (language_id)
        REFERENCES language (language_id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT film_original_language_id_fkey FOREIGN KEY (original_language_id)
        REFERENCES language (language_id) ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE TABLE film_actor (
    actor_id    integer NOT NULL,
    film_id     integer NOT NULL,
    last_update timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor_id, film_id),
    CONSTRAINT film_actor_actor_id_fkey FOREIGN KEY (actor_id)
        REFERENCES actor (actor_id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT film_actor_film_id_fkey FOREIGN KEY (film_id)
        REFERENCES film (film_id) ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE TABLE film_category (
    film_id     integer NOT NULL,
    category_id integer NOT NULL,
    last_update timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (film_id, category_id),
    CONSTRAINT film_category_film_id_fkey FOREIGN KEY (film_id)
        REFERENCES film (film_id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT film_category_category_id_fkey FOREIGN KEY (category_id)
        REFERENCES category (category_id) ON UPDATE CASCADE ON DELETE RESTRICT
);

-- Addresses

CREATE TABLE country (
    country_id  serial PRIMARY KEY,
    country     text NOT NULL,
    last_update timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE city (
    city_id     serial PRIMARY KEY,
    city        text NOT NULL,
    country_id  integer NOT NULL,
    last_update timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT city_country_id_fkey FOREIGN KEY (country_id)
        REFERENCES country (country_id) ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE TABLE address (
    address_id  serial PRIMARY KEY,
    address     text NOT NULL,
    address2    text,
    district    text NOT NULL,
    city_id     integer NOT NULL,
    postal_code text,
    phone       text NOT NULL,
    last_update timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT address_city_id_fkey FOREIGN KEY (city_id)
        REFERENCES city (city_id) ON UPDATE CASCADE ON DELETE RESTRICT
);

-- Stores and their staff, which refer to each other

CREATE TABLE store (
    store_id         serial PRIMARY KEY,
    manager_staff_id integer NOT NULL,
    address_id       integer NOT NULL,
    last_update      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT store_address_id_fkey FOREIGN KEY (address_id)
        REFERENCES address (address_id) ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE TABLE staff (
    staff_id    serial PRIMARY KEY,
    first_name  text NOT NULL,
    last_name   text NOT NULL,
    address_id  integer NOT NULL,
    email       text,
    store_id    integer NOT NULL,
    active      boolean NOT NULL DEFAULT true,
    username    text NOT NULL,
    password    text,
    last_update timestamptz NOT NULL DEFAULT now(),
    picture     bytea,
    CONSTRAINT staff_address_id_fkey FOREIGN KEY (address_id)
        REFERENCES address (address_id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT staff_store_id_fkey FOREIGN KEY (store_id) REFERENCES store (store_id)
);

ALTER TABLE store ADD CONSTRAINT store_manager_staff_id_fkey FOREIGN KEY (manager_staff_id)
    REFERENCES staff (staff_id) ON UPDATE CASCADE ON DELETE RESTRICT;

-- Business

CREATE TABLE customer (
    customer_id serial PRIMARY KEY,
    store_id    integer NOT NULL,
    first_name  text NOT NULL,
    last_name   text NOT NULL,
    email       text,
    address_id  integer NOT NULL,
    activebool  boolean NOT NULL DEFAULT true,
    create_date date NOT NULL DEFAULT CURRENT_DATE,
    last_update timestamptz DEFAULT now(),
    active      integer,
    CONSTRAINT customer_store_id_fkey FOREIGN KEY (store_id)
        REFERENCES store (store_id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT customer_address_id_fkey FOREIGN KEY (address_id)
        REFERENCES address (address_id) ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE TABLE inventory (
    inventory_id serial PRIMARY KEY,
    film_id      integer NOT NULL,
    store_id     integer NOT NULL,
    last_update  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inventory_film_id_fkey FOREIGN KEY (film_id)
        REFERENCES film (film_id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT inventory_store_id_fkey FOREIGN KEY (store_id)
        REFERENCES store (store_id) ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE TABLE rental (
    rental_id    serial PRIMARY KEY,
    rental_date  timestamptz NOT NULL,
    inventory_id integer NOT NULL,
    customer_id  integer NOT NULL,
    return_date  timestamptz,
    staff_id     integer NOT NULL,
    last_update  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rental_inventory_id_fkey FOREIGN KEY (inventory_id)
        REFERENCES inventory (inventory_id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT rental_customer_id_fkey FOREIGN KEY (customer_id)
        REFERENCES customer (customer_id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT rental_staff_id_fkey FOREIGN KEY (staff_id)
        REFERENCES staff (staff_id) ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE TABLE payment (
    payment_id   serial PRIMARY KEY,
    customer_id  integer NOT NULL,
    staff_id     integer NOT NULL,
    rental_id    integer NOT NULL,
    amount       numeric(5, 2) NOT NULL,
    payment_date timestamptz NOT NULL,
    CONSTRAINT payment_customer_id_fkey FOREIGN KEY (customer_id)
        REFERENCES customer (customer_id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT payment_staff_id_fkey FOREIGN KEY (staff_id)
        REFERENCES staff (staff_id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT payment_rental_id_fkey FOREIGN KEY (rental_id)
        REFERENCES rental (rental_id) ON UPDATE CASCADE ON DELETE SET NULL
);

-- Indexes

CREATE INDEX idx_actor_last_name ON actor (last_name);
CREATE INDEX film_fulltext_idx ON film USING gist (fulltext);
CREATE INDEX idx_title ON film (title);
CREATE INDEX idx_fk_language_id ON film (language_id);
CREATE INDEX idx_fk_original_language_id ON film (original_language_id);
CREATE INDEX idx_fk_film_id ON film_actor (film_id);
CREATE INDEX idx_fk_country_id ON city (country_id);
CREATE INDEX idx_fk_city_id ON address (city_id);
CREATE UNIQUE INDEX idx_unq_manager_staff_id ON store (manager_staff_id);
CREATE INDEX idx_fk_store_id ON customer (store_id);
CREATE INDEX idx_fk_address_id ON customer (address_id);
CREATE INDEX idx_last_name ON customer (last_name);
CREATE INDEX idx_store_id_film_id ON inventory (store_id, film_id);
CREATE INDEX idx_fk_inventory_id ON rental (inventory_id);
CREATE UNIQUE INDEX idx_unq_rental_rental_date_inventory_id_customer_id ON rental (rental_date, inventory_id, customer_id);
CREATE INDEX idx_fk_customer_id ON payment (customer_id);
CREATE INDEX idx_fk_staff_id ON payment (staff_id);

-- Triggers: every table but payment has a last_update

CREATE TRIGGER film_fulltext_trigger BEFORE INSERT OR UPDATE ON film FOR EACH ROW
    EXECUTE FUNCTION tsvector_update_trigger('fulltext', 'pg_catalog.english', 'title', 'description');

CREATE TRIGGER last_updated BEFORE UPDATE ON actor FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON address FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON category FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON city FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON country FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON film FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON film_actor FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON film_category FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON inventory FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON language FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON rental FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON staff FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON store FOR EACH ROW EXECUTE FUNCTION last_updated();

-- Views

CREATE VIEW customer_list AS
SELECT cu.customer_id AS id,
       cu.first_name || ' ' || cu.last_name AS name,
       a.address,
       a.postal_code AS "zip code",
       a.phone,
       city.city,
       country.country,
       CASE WHEN cu.activebool THEN 'active' ELSE '' END AS notes,
       cu.store_id AS sid
FROM customer cu
JOIN address a ON cu.address_id = a.address_id
JOIN city ON a.city_id = city.city_id
JOIN country ON city.country_id = country.country_id;

CREATE VIEW film_list AS
SELECT film.film_id AS fid,
       film.title,
       film.description,
       category.name AS category,
       film.rental_rate AS price,
       film.length,
       film.rating,
       string_agg(actor.first_name || ' ' || actor.last_name, ', ') AS actors
FROM category
LEFT JOIN film_category ON category.category_id = film_category.category_id
LEFT JOIN film ON film_category.film_id = film.film_id
JOIN film_actor ON film.film_id = film_actor.film_id
JOIN actor ON film_actor.actor_id = actor.actor_id
GROUP BY film.film_id, category.name;

CREATE VIEW staff_list AS
SELECT s.staff_id AS id,
       s.first_name || ' ' || s.last_name AS name,
       a.address,
       a.postal_code AS "zip code",
       a.phone,
       city.city,
       country.country,
       s.store_id AS sid
FROM staff s
JOIN address a ON s.address_id = a.address_id
JOIN city ON a.city_id = city.city_id
JOIN country ON city.country_id = country.country_id;
