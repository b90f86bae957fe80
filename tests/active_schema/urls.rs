//! URLs of connections that begin with the views.

use soft_delete::schema::ActiveSchema;

#[test]
fn a_url_of_postgresql_gets_a_search_path() {
    let url = |name: &str, url: &str| ActiveSchema::named(name).url(url).unwrap();
    assert_eq!(
        url("active", "postgresql://u:p%2F@h:5433/shop?sslmode=require"),
        "postgresql://u:p%2F@h:5433/shop?sslmode=require&options=-c%20search_path%3Dactive%2Cpublic"
    );
    assert_eq!(
        url("Active rows", "postgres://h"),
        "postgres://h/?options=-c%20search_path%3D%22Active%5C%20rows%22%2Cpublic"
    );
    let other = ActiveSchema::named("active").base("shop");
    assert_eq!(
        other.url("postgres://h/db").unwrap(),
        "postgres://h/db?options=-c%20search_path%3Dactive%2Cshop"
    );
}

#[test]
fn a_url_of_mysql_gets_another_database() {
    let layer = ActiveSchema::named("shop_active");
    for (plain, expected) in [
        ("mysql://u:p@h:3307/shop", "mysql://u:p@h:3307/shop_active"),
        (
            "mysql://h/shop?ssl-mode=disabled",
            "mysql://h/shop_active?ssl-mode=disabled",
        ),
        ("mysql://h", "mysql://h/shop_active"),
    ] {
        assert_eq!(layer.url(plain).unwrap(), expected);
        assert_eq!(layer.connect_options(plain).unwrap().get_url(), expected);
    }
}

#[test]
fn what_has_no_such_schema_is_refused_without_showing_a_password() {
    let layer = ActiveSchema::named("active");
    for (url, expected) in [
        ("sqlite::memory:", "SQLite has no schemas"),
        ("sqlite://shop.db", "SQLite has no schemas"),
        ("redis://u:secret@h/1", "no URL of PostgreSQL"),
        ("postgres:secret", "no URL of PostgreSQL"),
        ("", "no URL of PostgreSQL"),
    ] {
        let error = layer.url(url).unwrap_err().to_string();
        assert!(error.contains(expected), "{url}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
