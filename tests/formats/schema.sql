-- The tables that generate.sh runs `sea-orm-cli generate entity` on.

CREATE TABLE workspaces (
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    slug varchar NOT NULL,
    deleted_at timestamp_with_timezone_text
);

CREATE TABLE projects (
    id uuid_text NOT NULL PRIMARY KEY,
    workspace_id integer NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name varchar NOT NULL,
    deleted_at timestamp_with_timezone_text,
    deletion_id uuid_text,
    deleted_by bigint,
    delete_reason varchar
);

CREATE TABLE tasks (
    id bigint NOT NULL PRIMARY KEY,
    project_id uuid_text NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    parent_id bigint REFERENCES tasks (id) ON DELETE SET NULL,
    title varchar NOT NULL,
    type varchar NOT NULL,
    deleted_at datetime_text
);

CREATE TABLE comments (
    id bigint NOT NULL PRIMARY KEY,
    task_id bigint NOT NULL REFERENCES tasks (id) ON DELETE RESTRICT,
    body text NOT NULL,
    deleted_at datetime_text
);

CREATE TABLE tags (
    name varchar NOT NULL PRIMARY KEY,
    deleted_at datetime_text
);

CREATE TABLE task_tags (
    task_id bigint NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    tag_name varchar NOT NULL REFERENCES tags (name) ON DELETE CASCADE,
    deleted_at datetime_text,
    PRIMARY KEY (task_id, tag_name)
);
