//! Someone who is signed in looks at a page.

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::{HeaderName, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::PrivateCookieJar;
use maud::Markup;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{layout, session::Sessions};
use crate::{app::App, auth::Caller, problem::Problem};

/// Who looks, and what the next page is to tell them.
pub struct Visit {
    pub caller: Caller,
    /// Where they are, without what stands behind the question mark.
    path: String,
    sessions: Sessions,
    cookies: PrivateCookieJar,
}

/// What was just done. It waits in an encrypted cookie for the page that shows it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Toast {
    pub text: String,
    /// The deletion that can be taken back.
    pub undo: Option<Uuid>,
}

const TOAST: &str = "toast";

impl Visit {
    /// None if they are not signed in.
    pub async fn of(parts: &Parts, app: &App) -> Result<Option<Self>, Problem> {
        let sessions = app.sessions.clone();
        let cookies = sessions.cookies(&parts.headers);
        let caller = sessions.caller(&cookies, app).await?;
        Ok(caller.map(|caller| Self {
            caller,
            path: parts.uri.path().to_owned(),
            sessions,
            cookies,
        }))
    }

    /// A page, and on it what was just done.
    pub fn page(self, title: &str, main: Markup) -> Response {
        let name = self.sessions.name(TOAST);
        let Some(cookie) = self.cookies.get(&name) else {
            return layout::page(title, Some(&self.caller), &self.path, None, main).into_response();
        };
        let toast: Option<Toast> = serde_json::from_str(cookie.value()).ok();
        let page = layout::page(title, Some(&self.caller), &self.path, toast.as_ref(), main);
        let cookies = self
            .cookies
            .remove(self.sessions.cookie(TOAST, String::new()));
        (cookies, page).into_response()
    }

    /// To another page, which says what was done.
    pub fn go(self, to: &str, toast: &Toast) -> Response {
        let value = serde_json::to_string(toast).unwrap_or_default();
        let cookies = self.cookies.add(self.sessions.cookie(TOAST, value));
        (cookies, Redirect::to(to)).into_response()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit
where
    App: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Self::of(parts, &App::from_ref(state)).await {
            Ok(Some(visit)) => Ok(visit),
            Ok(None) => Err(to_login(parts)),
            Err(problem) => Err(problem.into_response()),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Visit
where
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        Self::of(parts, &App::from_ref(state)).await
    }
}

/// Who follows a link on another site may be signed in all the same: browsers don't send a strict cookie then, nor with
/// redirects that follow. They do when a page of this site leads on.
///
/// After signing in it goes on where they wanted to go. A form that was sent is not sent again.
fn to_login(parts: &Parts) -> Response {
    let wanted = match parts.method.is_safe() {
        true => parts
            .uri
            .path_and_query()
            .map_or("/", |wanted| wanted.as_str()),
        false => "/projects",
    };
    let mut next = String::new();
    for byte in wanted.bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' => next.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => next.push(byte.into()),
            byte => next.push_str(&format!("%{byte:02X}")),
        }
    }
    let address = format!("/login?next={next}");
    let comes_from = parts.headers.get(HeaderName::from_static("sec-fetch-site"));
    if comes_from.is_some_and(|site| site == "cross-site") {
        return layout::pass_on(&address).into_response();
    }
    Redirect::to(&address).into_response()
}
