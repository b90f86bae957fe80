//! The style sheet, the script and the icon. They are part of the program, and their names change with what is in them.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use sha2::{Digest as _, Sha256};

use crate::{extract::Path, problem::Problem};

pub struct Asset {
    content: &'static str,
    content_type: &'static str,
    name: String,
}

pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("assets/page.css");
    Asset::new("page", "css", "text/css; charset=utf-8", content)
});

pub static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("assets/page.js");
    Asset::new("page", "js", "text/javascript; charset=utf-8", content)
});

pub static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("assets/icon.svg");
    Asset::new("icon", "svg", "image/svg+xml", content)
});

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, content: &'static str) -> Self {
        let hash = hex::encode(&Sha256::digest(content)[..8]);
        Self {
            content,
            content_type,
            name: format!("{stem}.{hash}.{extension}"),
        }
    }

    pub fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

/// What has this name never changes, so that browsers keep it.
pub async fn serve(Path(name): Path<String>) -> Result<Response, Problem> {
    let assets: [&Asset; 3] = [&STYLE, &SCRIPT, &ICON];
    let asset = assets.into_iter().find(|asset| asset.name == name);
    let asset = asset.ok_or_else(Problem::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, asset.content).into_response())
}
