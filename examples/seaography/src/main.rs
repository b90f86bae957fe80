//! Serves the API, with GraphiQL at `/`:
//!
//! ```sh
//! cargo run                                             # SQLite, in blog.db
//! DATABASE_URL=postgres://localhost/blog cargo run      # PostgreSQL
//! ```

use std::{env, error::Error};

use async_graphql::{Request, Response, http::GraphiQLSource};
use axum::{Json, Router, extract::State, response::Html, routing::get};
use seaography_server::{Api, database::Connections};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite://blog.db?mode=rwc".to_owned());
    let address = env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:8000".to_owned());
    let api = Api::new(Connections::open(&url).await?)?;
    let app = Router::new()
        .route("/", get(graphiql).post(graphql))
        .with_state(api);
    let listener = TcpListener::bind(&address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn graphql(State(api): State<Api>, Json(request): Json<Request>) -> Json<Response> {
    Json(api.execute(request).await)
}

async fn graphiql() -> Html<String> {
    Html(GraphiQLSource::build().endpoint("/").finish())
}
