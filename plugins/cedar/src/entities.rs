//! Entities as people write them: a list or members by uid, or several of these by name; uids
//! as objects or texts, with or without attributes and parents.

use cedar_policy::EntityUid;
use serde_json::{Map, Value as Json, json};

/// The entities in Cedar's JSON format.
pub(crate) fn read(entities: Json) -> Result<Vec<Json>, String> {
    match entities {
        Json::Object(files) if files.values().any(is_file) => {
            let read = files.into_iter().map(|(name, entities)| {
                read_one(entities).map_err(|error| format!("`{name}`: {error}"))
            });
            let read = read.collect::<Result<Vec<_>, _>>()?;
            Ok(read.into_iter().flatten().collect())
        }
        entities => read_one(entities),
    }
}

/// Whether it is what a file of entities holds, and no entity.
fn is_file(entities: &Json) -> bool {
    match entities {
        Json::Array(_) => true,
        Json::Object(members) => members.keys().any(|name| name.contains("::")),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

fn read_one(entities: Json) -> Result<Vec<Json>, String> {
    match entities {
        Json::Array(entities) => entities
            .into_iter()
            .map(|entity| whole(entity, None))
            .collect(),
        Json::Object(entities) => entities
            .into_iter()
            .map(|(uid, entity)| whole(entity, Some(&uid)))
            .collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Err(
            "entities: neither a list nor an object\nhint: `[{ uid, attrs, parents }]`".to_owned(),
        ),
    }
}

/// With all members; its uid may stand before it.
fn whole(entity: Json, uid: Option<&str>) -> Result<Json, String> {
    let Json::Object(mut entity) = entity else {
        return Err(
            "entities: one of them is no object\nhint: `{ uid, attrs, parents }`".to_owned(),
        );
    };
    let uid = match (entity.remove("uid"), uid) {
        (Some(uid), _) => plain(uid)?,
        (None, Some(uid)) => parsed(uid)?,
        (None, None) => return Err("entities: one of them has no `uid`".to_owned()),
    };
    let parents = match entity.remove("parents") {
        None => Vec::new(),
        Some(Json::Array(parents)) => parents.into_iter().map(plain).collect::<Result<_, _>>()?,
        Some(_) => return Err(format!("entities: the parents of {uid} are no list")),
    };
    entity.insert("uid".to_owned(), uid);
    entity.insert("parents".to_owned(), Json::Array(parents));
    entity
        .entry("attrs")
        .or_insert_with(|| Json::Object(Map::new()));
    Ok(Json::Object(entity))
}

/// `User::"alice"` as an object.
fn plain(uid: Json) -> Result<Json, String> {
    match uid {
        Json::String(text) => parsed(&text),
        other => Ok(other),
    }
}

fn parsed(text: &str) -> Result<Json, String> {
    let uid: EntityUid = text.parse().map_err(|_| {
        format!("entities: `{text}` is no uid\nhint: `User::\"alice\"`, or `{{ type, id }}`")
    })?;
    Ok(json!({ "type": uid.type_name().to_string(), "id": uid.id().unescaped() }))
}
