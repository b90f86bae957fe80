use std::{env, error::Error};

use sea_orm::Database;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url =
        env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite://starter.db?mode=rwc".to_owned());
    let address = env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let db = Database::connect(url).await?;
    starter::create_tables(&db).await?;
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, starter::routes(db)).await?;
    Ok(())
}
