//! Signing in and out: a session is an encrypted cookie, and nothing is kept of it.
//!
//! The cookie holds when the member signed in, and the hash of their token as the database has it. So a session ends after
//! `LIFETIME`, with the browser, when the member is deleted, and when they get a new token.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::{
    PrivateCookieJar,
    cookie::{Cookie, Key, SameSite},
};
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Form, layout, visit::Visit};
use crate::{
    app::App,
    auth::{self, Caller},
    extract::Query,
    problem::Problem,
    seed::DEMO_TOKENS,
};

const LIFETIME: TimeDelta = TimeDelta::hours(12);

/// How sessions are kept.
#[derive(Clone)]
pub struct Sessions {
    key: Key,
    is_secure: bool,
    has_demo: bool,
}

impl Default for Sessions {
    /// With a key of this process alone.
    fn default() -> Self {
        Self {
            key: Key::generate(),
            is_secure: false,
            has_demo: false,
        }
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    /// None if the secret is too short.
    pub fn new(secret: Option<&str>) -> Option<Self> {
        let key = match secret {
            None => Key::generate(),
            Some(secret) if secret.len() < 32 => return None,
            Some(secret) => Key::derive_from(secret.as_bytes()),
        };
        Some(Self {
            key,
            ..Self::default()
        })
    }

    /// Cookies for https alone.
    pub fn secure(self, is_secure: bool) -> Self {
        Self { is_secure, ..self }
    }

    /// The sign-in page offers the demo tokens.
    pub fn with_demo(self, has_demo: bool) -> Self {
        Self { has_demo, ..self }
    }

    pub(super) fn cookies(&self, headers: &HeaderMap) -> PrivateCookieJar {
        PrivateCookieJar::from_headers(headers, self.key.clone())
    }

    /// A cookie that ends with the browser, and that no script and no other site gets at.
    pub(super) fn cookie(&self, name: &str, value: String) -> Cookie<'static> {
        Cookie::build((self.name(name), value))
            .http_only(true)
            .same_site(SameSite::Strict)
            .path("/")
            .secure(self.is_secure)
            .build()
    }

    /// Browsers take a cookie with this prefix from its own host and by https only.
    pub(super) fn name(&self, name: &str) -> String {
        match self.is_secure {
            true => format!("__Host-{name}"),
            false => name.to_owned(),
        }
    }

    /// The member of the session, if there is one.
    pub(super) async fn caller(
        &self,
        cookies: &PrivateCookieJar,
        app: &App,
    ) -> Result<Option<Caller>, Problem> {
        let Some(cookie) = cookies.get(&self.name(SESSION)) else {
            return Ok(None);
        };
        let Some(hash) = hash_of_session(cookie.value(), Utc::now()) else {
            return Ok(None);
        };
        Caller::of_hash(hash, &app.db()).await
    }
}

const SESSION: &str = "session";

fn hash_of_session(value: &str, now: DateTime<Utc>) -> Option<&str> {
    let (since, hash) = value.split_once('.')?;
    let since = DateTime::from_timestamp(since.parse().ok()?, 0)?;
    (since + LIFETIME > now).then_some(hash)
}

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub struct Credentials {
    token: String,
    #[serde(default)]
    next: String,
}

pub async fn form(
    State(app): State<App>,
    visit: Option<Visit>,
    Query(Next { next }): Query<Next>,
) -> Response {
    if visit.is_some() {
        return Redirect::to(local(&next)).into_response();
    }
    page(&app, &next, None).into_response()
}

pub async fn login(
    State(app): State<App>,
    headers: HeaderMap,
    Form(Credentials { token, next }): Form<Credentials>,
) -> Result<Response, Problem> {
    let token = token.trim();
    if Caller::of_token(token, &app.db()).await?.is_none() {
        let page = page(
            &app,
            &next,
            Some("No one has this token. Check that all of it is there."),
        );
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let value = format!("{}.{}", Utc::now().timestamp(), auth::hash(token));
    let sessions = &app.sessions;
    let cookies = sessions
        .cookies(&headers)
        .add(sessions.cookie(SESSION, value));
    Ok((cookies, Redirect::to(local(&next))).into_response())
}

pub async fn logout(State(app): State<App>, headers: HeaderMap) -> Response {
    let sessions = &app.sessions;
    let cookies = sessions.cookies(&headers);
    let cookies = cookies.remove(sessions.cookie(SESSION, String::new()));
    (cookies, Redirect::to("/login")).into_response()
}

/// The address if it is one of this site, so that no link to here leads elsewhere.
pub(super) fn local(address: &str) -> &str {
    // Browsers read `\` as `/`, leave line breaks out, and take `//` for another host.
    let is_plain = address.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    match is_plain && address.starts_with('/') && !address.starts_with("//") {
        true => address,
        false => "/projects",
    }
}

fn page(app: &App, next: &str, error: Option<&str>) -> Markup {
    let main = html! {
        div.narrow {
            h1 { "Sign in" }
            form.stack method="post" action="/login" {
                @if let Some(error) = error {
                    p.notice.bad id="error" role="alert" { (error) }
                }
                input type="hidden" name="next" value=(next);
                label for="token" { "API token" }
                input id="token" name="token" type="password" required autocomplete="current-password"
                    aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "error")];
                button.primary type="submit" { "Sign in" }
            }
            @if app.sessions.has_demo {
                (demo(next))
            }
        }
    };
    layout::page("Sign in", None, "/login", None, main)
}

fn demo(next: &str) -> Markup {
    html! {
        section.panel aria-labelledby="demo" {
            h2 id="demo" { "Just trying?" }
            p.quiet { "In development there is one demo token of each role." }
            div.row {
                @for (role, token) in DEMO_TOKENS {
                    form method="post" action="/login" {
                        input type="hidden" name="next" value=(next);
                        button type="submit" name="token" value=(token) { "Sign in as " (role.name()) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};

    use super::{LIFETIME, Sessions, hash_of_session, local};

    #[test]
    fn only_addresses_of_this_site_are_gone_to() {
        for fine in ["/trash", "/trash?q=a%20b&page=2", "/"] {
            assert_eq!(local(fine), fine);
        }
        for bad in [
            "",
            "//x.example",
            "/\\x.example",
            "/\t/x.example",
            "https://x.example",
            "trash",
            "/\r\nA: b",
            "/ö",
        ] {
            assert_eq!(local(bad), "/projects", "{bad:?}");
        }
    }

    #[test]
    fn cookies_are_for_https_alone_where_browsers_come_by_it() {
        let cookie = |is_secure| {
            let sessions = Sessions::default().secure(is_secure);
            sessions.cookie("session", "1".to_owned()).to_string()
        };
        assert_eq!(
            cookie(false),
            "session=1; HttpOnly; SameSite=Strict; Path=/"
        );
        assert_eq!(
            cookie(true),
            "__Host-session=1; HttpOnly; SameSite=Strict; Secure; Path=/"
        );
    }

    #[test]
    fn a_secret_is_long() {
        assert!(Sessions::new(Some(&"s".repeat(31))).is_none());
        assert!(Sessions::new(Some(&"s".repeat(32))).is_some());
        assert!(Sessions::new(None).is_some());
    }

    #[test]
    fn a_session_ends() {
        let now = Utc::now();
        let value = |since: chrono::DateTime<Utc>| format!("{}.abc", since.timestamp());
        assert_eq!(hash_of_session(&value(now), now), Some("abc"));
        assert_eq!(
            hash_of_session(&value(now - LIFETIME - TimeDelta::seconds(1)), now),
            None
        );
        assert_eq!(hash_of_session("abc", now), None);
        assert_eq!(hash_of_session(&format!("{}.abc", i64::MAX), now), None);
    }
}
