//! `docs/release.schema.json` against what is read: what one takes the other takes.

use jsonschema::Validator;
use rackflash_release::manifest::Manifest;
use serde_json::{Value, json};

use crate::desk::desk;

fn schema() -> Validator {
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/release.schema.json")).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

/// With everything that can be in one.
fn full() -> Value {
    let desk = desk();
    let moves = r#"[{ "below": "1.0.0", "moves": [{ "from": 0, "to": 16, "len": 64 }] }]"#;
    desk.put("moves.json", moves);
    desk.types(&[
        "rackflash release new r --id r --counter 1 --channel beta --expires 2027-12-31 --notes en=notes.txt \
         --loader-min 1.2.3 --replaces-newer --eeprom vco.hex=moves.json vco.hex",
    ]);
    serde_json::from_slice(&desk.get("r/release.json")).expect("JSON")
}

/// Each field with what cannot be in it, and without it.
#[test]
fn the_schema_says_what_is_read() {
    let schema = schema();
    let full = full();
    let agree = |what: &str, value: &Value| {
        let read = Manifest::parse_untrusted(&serde_json::to_vec(value).expect("JSON"));
        assert_eq!(schema.is_valid(value), read.is_ok(), "{what}: {read:?}");
        read.is_ok()
    };
    assert!(agree("all of it", &full));
    let wrong = [
        json!(null),
        json!(-1),
        json!(0),
        json!(2),
        json!(1.5),
        json!(1_u64 << 40),
        json!(""),
        json!("x"),
        json!("../x"),
        json!([]),
        json!({}),
        json!([1, 2, 3]),
        json!("1.2.300000"),
        json!("2027-13-01"),
    ];
    let mut refused = 0;
    for at in ["", "/images/0", "/images/0/eeprom/0", "/images/0/eeprom/0/moves/0"] {
        let names: Vec<String> = full
            .pointer(at)
            .and_then(Value::as_object)
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        for name in names.iter().map(String::as_str).chain(["another"]) {
            let mut changed = full.clone();
            let object = changed.pointer_mut(at).and_then(Value::as_object_mut).expect("an object");
            object.remove(name);
            refused += u32::from(!agree(&format!("{at} without {name}"), &changed));
            for value in &wrong {
                changed
                    .pointer_mut(at)
                    .and_then(Value::as_object_mut)
                    .expect("an object")
                    .insert(name.to_owned(), value.clone());
                refused += u32::from(!agree(&format!("{at}/{name} is {value}"), &changed));
            }
        }
    }
    assert!(refused > 150, "{refused}");
}
