//! Functions that are not generated, or under another name.

use syn::{Ident, LitStr, Path, spanned::Spanned as _};

use crate::{
    attr::StructAttr,
    errors::{Errors, did_you_mean, list},
    model::{Name, Owner, Unique, plain},
};

/// What `skip(…)` and `rename(…)` say of the generated functions.
pub(super) fn names(attr: &StructAttr, unique: &[Unique], errors: &mut Errors) -> Vec<Name> {
    let skipped = attr.skip.iter().map(|function| (function, None));
    let renamed = attr.rename.iter();
    let renamed = renamed.map(|(function, name)| (function, Some(name)));
    let mut names: Vec<Name> = Vec::new();
    for (path, new) in skipped.chain(renamed) {
        let Some((owners, function)) = errors.note(find(path, unique)) else {
            continue;
        };
        let Some(renamed) = errors.note(new.map(ident).transpose()) else {
            continue;
        };
        let is_same = |name: &Name| owners.contains(&name.owner) && name.function == function;
        if names.iter().any(is_same) {
            errors.at(
                path.span(),
                format!("`{function}` is named twice: keep one"),
            );
            continue;
        }
        names.extend(owners.into_iter().map(|owner| Name {
            owner,
            function: function.clone(),
            renamed: renamed.clone(),
        }));
    }
    names
}

/// The types that have the function: `Entity::delete` names one, `is_deleted` all of them where SeaORM has none of that name.
fn find(path: &Path, unique: &[Unique]) -> syn::Result<(Vec<Owner>, String)> {
    let wrong = |message: String| Err(syn::Error::new(path.span(), message));
    let segments: Vec<_> = path
        .segments
        .iter()
        .map(|segment| plain(&segment.ident))
        .collect();
    let (owner, function) = match segments.as_slice() {
        [function] => (None, function),
        [owner, function] => {
            let owners = Owner::ALL;
            let Some(known) = owners.into_iter().find(|known| known.name() == *owner) else {
                let names = owners.map(Owner::name);
                return wrong(format!(
                    "no type `{owner}`: {}",
                    did_you_mean(owner, &names)
                ));
            };
            (Some(known), function)
        }
        _ => return wrong("write `Entity::delete`, the type and its function".to_owned()),
    };
    let candidates = match owner {
        Some(owner) => vec![owner],
        None => Owner::ALL.to_vec(),
    };
    let has = |owner: &Owner| functions(*owner, unique).contains(function);
    let owners: Vec<_> = candidates.iter().copied().filter(has).collect();
    match owners.as_slice() {
        [] => {
            let known = candidates
                .iter()
                .flat_map(|owner| functions(*owner, unique));
            let known: Vec<_> = known.collect();
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            wrong(format!(
                "no function `{function}` is generated: {}",
                did_you_mean(function, &known)
            ))
        }
        [_] => Ok((owners, function.clone())),
        _ if function == "is_deleted" => Ok((owners, function.clone())),
        _ => {
            let owners: Vec<_> = owners
                .iter()
                .map(|owner| format!("{}::{function}", owner.name()))
                .collect();
            let owners: Vec<_> = owners.iter().map(String::as_str).collect();
            wrong(format!("there are {}: say which", list(&owners)))
        }
    }
}

fn functions(owner: Owner, unique: &[Unique]) -> Vec<String> {
    let mut functions: Vec<_> = owner.functions().iter().map(ToString::to_string).collect();
    if owner == Owner::Entity {
        for unique in unique {
            let verbs = ["find", "delete", "restore"];
            functions.extend(verbs.map(|verb| format!("{verb}_by_{}", unique.name)));
        }
    }
    functions
}

fn ident(name: &LitStr) -> syn::Result<Ident> {
    name.parse().map_err(|_| {
        let message = format!("`{}` can't be the name of a function", name.value());
        syn::Error::new_spanned(name, message)
    })
}
