//! A release's manifest, read by the browser's own JSON: a quarter of the page less than with a crate for it. Takes what
//! `docs/release.schema.json` takes, and no more. The engine without `service` refuses what moves settings: it could not do it.

use js_sys::{Array, JSON, Object, Reflect};
use rackflash_release::ReleaseError;
use rackflash_release::manifest::{FORMAT, Manifest, Part};
#[cfg(feature = "service")]
use rackflash_release::manifest::{Layout, Move};
use wasm_bindgen::{JsCast, JsValue};

/// From bytes whose signature has been checked.
pub(crate) fn parse(bytes: &[u8]) -> Result<Manifest, ReleaseError> {
    let json = str::from_utf8(bytes).ok().and_then(|text| JSON::parse(text).ok());
    let json = Fields::of(&json.ok_or_else(|| wrong("no JSON"))?)?;
    let format = json.text("format")?;
    if format != FORMAT {
        return Err(ReleaseError::Format { format });
    }
    json.only(&["format", "id", "counter", "channel", "expires", "notes", "images"])?;
    let expires = json.optional("expires").filter(|day| !day.is_null());
    let expires = expires.map(|_| json.text("expires")).transpose()?;
    Ok(Manifest {
        format,
        id: json.text("id")?,
        counter: json.number("counter")?,
        channel: json.text("channel")?,
        expires: expires.map(|day| day.parse().map_err(ReleaseError::manifest)).transpose()?,
        // The page shows them out of the same bytes.
        notes: Default::default(),
        images: json.list("images")?.iter().map(|image| part(&image)).collect::<Result<_, _>>()?,
    })
}

fn part(json: &JsValue) -> Result<Part, ReleaseError> {
    let json = Fields::of(json)?;
    json.only(&[
        "file",
        "vendor",
        "module_type",
        "hardware",
        "version",
        "loader_min",
        "replaces_newer",
        #[cfg(feature = "service")]
        "eeprom",
        "flash_start",
        "len",
        "sha256",
    ])?;
    let version = |name| json.text(name)?.try_into().map_err(ReleaseError::manifest);
    let hardware = json.list("hardware")?;
    if hardware.length() != 2 {
        return Err(wrong("hardware"));
    }
    Ok(Part {
        file: json.text("file")?,
        vendor: json.number("vendor")?,
        module_type: json.number("module_type")?,
        hardware: [number(&hardware.get(0), "hardware")?, number(&hardware.get(1), "hardware")?],
        version: version("version")?,
        loader_min: if json.optional("loader_min").is_some() {
            version("loader_min")?
        } else {
            Default::default()
        },
        replaces_newer: match json.optional("replaces_newer") {
            None => false,
            Some(value) => value.as_bool().ok_or_else(|| wrong("replaces_newer"))?,
        },
        #[cfg(feature = "service")]
        eeprom: match json.optional("eeprom") {
            None => Default::default(),
            Some(_) => json.list("eeprom")?.iter().map(layout).collect::<Result<_, _>>()?,
        },
        flash_start: json.number("flash_start")?,
        len: json.number("len")?,
        sha256: json.text("sha256")?,
    })
}

#[cfg(feature = "service")]
fn layout(json: JsValue) -> Result<Layout, ReleaseError> {
    let json = Fields::of(&json)?;
    json.only(&["below", "moves"])?;
    let moves = json.list("moves")?.into_iter().map(|json| {
        let json = Fields::of(&json)?;
        json.only(&["from", "to", "len"])?;
        Ok(Move { from: json.number("from")?, to: json.number("to")?, len: json.number("len")? })
    });
    let below = json.text("below")?.try_into().map_err(ReleaseError::manifest)?;
    Ok(Layout { below, moves: moves.collect::<Result<_, _>>()? })
}

/// An object.
struct Fields(Object);

impl Fields {
    fn of(value: &JsValue) -> Result<Self, ReleaseError> {
        let object = value.dyn_ref::<Object>().filter(|_| !Array::is_array(value));
        object.cloned().map(Self).ok_or_else(|| wrong("no object"))
    }

    /// Nothing else is in it.
    fn only(&self, names: &[&str]) -> Result<(), ReleaseError> {
        let is_known =
            |name: JsValue| name.as_string().is_some_and(|name| names.contains(&name.as_str()));
        if Object::keys(&self.0).iter().all(is_known) {
            Ok(())
        } else {
            Err(wrong("another field"))
        }
    }

    fn optional(&self, name: &str) -> Option<JsValue> {
        Reflect::get(&self.0, &name.into()).ok().filter(|value| !value.is_undefined())
    }

    fn get(&self, name: &str) -> Result<JsValue, ReleaseError> {
        self.optional(name).ok_or_else(|| wrong(name))
    }

    fn text(&self, name: &str) -> Result<String, ReleaseError> {
        self.get(name)?.as_string().ok_or_else(|| wrong(name))
    }

    fn number<T: TryFrom<u32>>(&self, name: &str) -> Result<T, ReleaseError> {
        number(&self.get(name)?, name)
    }

    fn list(&self, name: &str) -> Result<Array, ReleaseError> {
        self.get(name)?.dyn_into().map_err(|_| wrong(name))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, and in its range"
)]
fn number<T: TryFrom<u32>>(value: &JsValue, name: &str) -> Result<T, ReleaseError> {
    let value = value
        .as_f64()
        .filter(|value| (0.0..=f64::from(u32::MAX)).contains(value) && value.fract() == 0.0);
    value.and_then(|value| T::try_from(value as u32).ok()).ok_or_else(|| wrong(name))
}

fn wrong(what: &str) -> ReleaseError {
    ReleaseError::manifest(what.to_owned())
}
