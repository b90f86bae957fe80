//! Many clients at once who read, delete and restore: nothing fails, and no answer shows what was deleted before it was asked for,
//! or leaves out what was there all the time. It prints how long things took.
//!
//! It takes three seconds for each database; `LOAD_SECONDS` for longer. `LOAD_CLIENTS` is how many clients there are, eight if it
//! isn't set. Timings of a debug build tell nothing: `cargo test --release -p axum-api --test load -- --nocapture`.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

use std::{
    collections::BTreeMap,
    env,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::json;
use support::{ADMIN, Answer, Backend, World};

/// What is known for certain of a project. It says nothing while a delete or restore is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Active,
    Deleted,
    Changing,
}

/// A project's state, and how often it was changed.
type State = Mutex<(u64, Known)>;

const PROJECTS_PER_CLIENT: usize = 4;
const TASKS_PER_PROJECT: usize = 5;

struct Load {
    world: World,
    /// By the projects' keys.
    states: BTreeMap<i64, State>,
    ends: Instant,
    took: Mutex<BTreeMap<&'static str, Vec<Duration>>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    run(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    run(Backend::Postgres).await;
}

async fn run(backend: Backend) {
    let Some(world) = World::start(backend).await else {
        return;
    };
    let setting = |name: &str, default: usize| {
        let value = env::var(name).ok();
        value.map_or(default, |value| value.parse().unwrap())
    };
    let clients = setting("LOAD_CLIENTS", 8);
    let mut projects = Vec::new();
    for number in 0..clients * PROJECTS_PER_CLIENT {
        let project = world.new_project(&format!("load-{number}")).await;
        for task in 0..TASKS_PER_PROJECT {
            world
                .new_task(ADMIN, project, &format!("task {task}"))
                .await;
        }
        projects.push(project);
    }
    let state = |project: &i64| (*project, Mutex::new((0, Known::Active)));
    let load = Arc::new(Load {
        world,
        states: projects.iter().map(state).collect(),
        ends: Instant::now() + Duration::from_secs(setting("LOAD_SECONDS", 3) as u64),
        took: Mutex::default(),
    });
    let clients: Vec<_> = projects
        .chunks(PROJECTS_PER_CLIENT)
        .map(|own| tokio::spawn(client(Arc::clone(&load), own.to_vec())))
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    load.report(backend);
}

/// Deletes and restores projects of its own, and reads those of all.
async fn client(load: Arc<Load>, own: Vec<i64>) {
    let mut turn = 0;
    while Instant::now() < load.ends {
        let project = own[turn % own.len()];
        let path = format!("/projects/{project}");
        let deleted = load.change(project, Known::Deleted, "delete", async {
            let request = load
                .world
                .request(ADMIN, Method::DELETE, &path)
                .header("prefer", "return=representation");
            Answer::of(request).await
        });
        let id = deleted.await.is(200)["id"].as_str().unwrap().to_owned();
        load.look(project).await;
        let (operation, restore) = match turn % 2 {
            0 => ("restore", format!("{path}/restore")),
            _ => ("undo", format!("/trash/{id}/undo")),
        };
        let restored = load.change(project, Known::Active, operation, async {
            load.world.post(ADMIN, &restore, json!({})).await
        });
        let rows = restored.await.is(200)["rows"].clone();
        assert_eq!(rows[1]["rows"], TASKS_PER_PROJECT, "all of it is back");
        load.look(project).await;
        turn += 1;
    }
}

impl Load {
    /// What is known before and after a change, and that nothing is in between.
    async fn change(
        &self,
        project: i64,
        to: Known,
        operation: &'static str,
        request: impl Future<Output = Answer>,
    ) -> Answer {
        let set = |known| {
            let mut state = self.states[&project].lock().unwrap();
            *state = (state.0 + 1, known);
        };
        set(Known::Changing);
        let answer = self.time(operation, request).await;
        set(to);
        answer
    }

    /// Reads in all the ways there are, and compares with what is known.
    async fn look(&self, project: i64) {
        let before = self.known();
        let list = self
            .time(
                "list projects",
                self.world.get(ADMIN, "/projects?q=load-&per_page=100"),
            )
            .await;
        self.compare(&before, &ids(&list, "id"));

        let before = self.known();
        let tasks = self
            .time(
                "list tasks",
                self.world.get(ADMIN, "/tasks?per_page=100&q=task&page=2"),
            )
            .await;
        self.no_leak(&before, &ids(&tasks, "project_id"));

        let before = self.known();
        let one = self
            .time(
                "read",
                self.world.get(ADMIN, &format!("/projects/{project}")),
            )
            .await;
        match before[&project].1 {
            Known::Active => drop(one.is(200)),
            Known::Deleted => drop(one.is_problem(410, "gone")),
            Known::Changing => unreachable!("it is this client's own"),
        }

        let before = self.known();
        let trash = self
            .time(
                "trash",
                self.world
                    .get(ADMIN, "/trash?type=project&q=load-&per_page=100"),
            )
            .await;
        let trashed = ids(&trash, "id");
        for (project, (turn, known)) in &before {
            let unchanged = *self.states[project].lock().unwrap() == (*turn, *known);
            if unchanged && *known != Known::Changing {
                let is_deleted = *known == Known::Deleted;
                assert_eq!(
                    trashed.contains(project),
                    is_deleted,
                    "project {project} in the trash"
                );
            }
        }
    }

    fn known(&self) -> BTreeMap<i64, (u64, Known)> {
        let states = self.states.iter();
        states
            .map(|(project, state)| (*project, *state.lock().unwrap()))
            .collect()
    }

    /// Of what did not change meanwhile: nothing deleted is shown, and nothing active is missing.
    fn compare(&self, before: &BTreeMap<i64, (u64, Known)>, shown: &[i64]) {
        self.no_leak(before, shown);
        for (project, (turn, known)) in before {
            let unchanged = *self.states[project].lock().unwrap() == (*turn, *known);
            if unchanged && *known == Known::Active {
                assert!(shown.contains(project), "project {project} is missing");
            }
        }
    }

    fn no_leak(&self, before: &BTreeMap<i64, (u64, Known)>, shown: &[i64]) {
        for project in shown {
            let Some((turn, known)) = before.get(project) else {
                continue;
            };
            let unchanged = *self.states[project].lock().unwrap() == (*turn, *known);
            assert!(
                !(unchanged && *known == Known::Deleted),
                "project {project} is deleted, and an answer shows it"
            );
        }
    }

    /// No request fails.
    async fn time(&self, operation: &'static str, request: impl Future<Output = Answer>) -> Answer {
        let begun = Instant::now();
        let answer = request.await;
        let took = begun.elapsed();
        assert!(answer.status.as_u16() < 500, "{operation}: {answer:?}");
        self.took
            .lock()
            .unwrap()
            .entry(operation)
            .or_default()
            .push(took);
        answer
    }

    fn report(&self, backend: Backend) {
        println!("| {backend:?} | requests | median, ms | 95 %, ms | 99 %, ms |");
        println!("|---|---:|---:|---:|---:|");
        for (operation, took) in self.took.lock().unwrap().iter_mut() {
            took.sort_unstable();
            let at = |part: f64| {
                let place = (took.len() as f64 * part) as usize;
                took[place.min(took.len() - 1)].as_secs_f64() * 1e3
            };
            println!(
                "| {operation} | {} | {:.1} | {:.1} | {:.1} |",
                took.len(),
                at(0.50),
                at(0.95),
                at(0.99)
            );
        }
    }
}

fn ids(answer: &Answer, field: &str) -> Vec<i64> {
    let items = answer.is(200)["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item[field].as_i64().unwrap())
        .collect()
}
