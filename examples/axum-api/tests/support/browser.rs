//! What a browser does without JavaScript: it keeps cookies, follows links and sends forms.

use reqwest::{Client, RequestBuilder, StatusCode, header, redirect::Policy};

use super::World;

pub struct Browser {
    client: Client,
    base: String,
}

/// A page, or the way to one.
#[derive(Debug)]
pub struct Visited {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub html: String,
}

impl Browser {
    pub fn new(world: &World) -> Self {
        Self::at(&world.base)
    }

    pub fn at(base: &str) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .default_headers(
                [(
                    header::ACCEPT,
                    header::HeaderValue::from_static("text/html"),
                )]
                .into_iter()
                .collect(),
            )
            .build()
            .unwrap();
        Self {
            client,
            base: base.to_owned(),
        }
    }

    pub async fn signed_in(world: &World, token: &str) -> Self {
        let browser = Self::new(world);
        let answer = browser.send("/login", &[("token", token)]).await;
        assert_eq!(answer.leads_to(), "/projects");
        browser
    }

    pub fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub async fn open(&self, path: &str) -> Visited {
        Visited::of(self.request(reqwest::Method::GET, path)).await
    }

    /// Sends a form with these fields.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Visited {
        let request = self.request(reqwest::Method::POST, path).form(fields);
        Visited::of(request).await
    }

    /// Fills the page's form for that address in and sends it.
    pub async fn submit(&self, page: &Visited, action: &str, fields: &[(&str, &str)]) -> Visited {
        let mut all = page.hidden(action);
        for (name, value) in fields {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        Visited::of(self.request(reqwest::Method::POST, action).form(&all)).await
    }

    /// The page that a form leads to.
    pub async fn follow(&self, answer: &Visited) -> Visited {
        self.open(answer.leads_to()).await
    }
}

impl Visited {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            html: response.text().await.unwrap(),
        }
    }

    #[track_caller]
    pub fn leads_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.html);
        self.headers[header::LOCATION].to_str().unwrap()
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &str {
        assert_eq!(self.status.as_u16(), status, "{}", self.html);
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        &self.html
    }

    #[track_caller]
    pub fn shows(&self, text: &str) {
        assert!(self.html.contains(text), "{text:?} is not in {}", self.html);
    }

    #[track_caller]
    pub fn hides(&self, text: &str) {
        assert!(!self.html.contains(text), "{text:?} is in {}", self.html);
    }

    /// The hidden fields of the form for that address.
    #[track_caller]
    pub fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let start = self
            .html
            .find(&format!("action=\"{action}\""))
            .unwrap_or_else(|| panic!("no form for {action} in {}", self.html));
        let form = self.html[start..].split("</form>").next().unwrap();
        let inputs = form.split("<input type=\"hidden\" ").skip(1);
        inputs
            .map(|input| {
                let mut parts = input.split('"');
                let (name, value) = (parts.nth(1).unwrap(), parts.nth(1).unwrap());
                (
                    name.to_owned(),
                    value.replace("&quot;", "\"").replace("&amp;", "&"),
                )
            })
            .collect()
    }

    /// The address that follows this beginning, up to the end of the attribute.
    #[track_caller]
    pub fn link(&self, beginning: &str) -> String {
        let start = self
            .html
            .find(&format!("\"{beginning}"))
            .unwrap_or_else(|| panic!("no {beginning} in {}", self.html));
        self.html[start + 1..].split('"').next().unwrap().to_owned()
    }
}
