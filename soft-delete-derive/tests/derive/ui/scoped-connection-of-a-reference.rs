use sea_orm::{DatabaseConnection, DatabaseTransaction};
use soft_delete::{Registry, ScopedConnection};

fn of_a_pool(db: &DatabaseConnection) {
    let _ = ScopedConnection::new(db);
}

fn of_a_transaction(transaction: &DatabaseTransaction, registry: &Registry) {
    let _ = ScopedConnection::with_registry(transaction, registry);
}

fn main() {}
