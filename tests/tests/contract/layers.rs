//! Who may depend on whom.

use std::collections::BTreeSet;

use super::{functions, read, repository};

/// The names in a manifest's `[dependencies]`.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = read(manifest);
    let of_section = text.split("\n[").find_map(|section| section.strip_prefix("dependencies]")).unwrap_or_default();
    let names = of_section.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| !name.is_empty() && !name.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn the_domain_depends_on_nothing_that_can_do_io() {
    let pure = ["hex", "serde", "serde_json", "sha2", "thiserror", "time", "tinystr", "uuid"].map(str::to_owned);
    assert_eq!(dependencies("shared/domain/Cargo.toml"), BTreeSet::from(pure));
}

#[test]
fn nothing_shared_depends_on_a_function_and_nothing_deployed_on_what_only_develops() {
    let functions: BTreeSet<_> = functions().into_iter().collect();
    for entry in std::fs::read_dir(repository("shared")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let needs = dependencies(&format!("shared/{name}/Cargo.toml"));
        assert!(!needs.is_empty(), "{name}");
        assert!(needs.is_disjoint(&functions), "{name} needs a function");
    }
    let for_developers =
        ["toonmill-lettering", "toonmill-python", "toonmill-standins", "toonmill-tests", "toonmill-local"];
    let deployed = [
        "cloud",
        "deliver",
        "domain",
        "flows",
        "http-api",
        "imaging",
        "orders",
        "outbound",
        "plans",
        "providers",
        "receipts",
        "runtime",
        "telegram",
        "webhooks",
        "webp",
    ];
    let manifests = deployed.iter().map(|name| format!("shared/{name}/Cargo.toml"));
    for manifest in manifests.chain(functions.iter().map(|name| format!("functions/{name}/Cargo.toml"))) {
        let needs = dependencies(&manifest);
        assert!(for_developers.iter().all(|name| !needs.contains(*name)), "{manifest}: {needs:?}");
    }
}

#[test]
fn one_crate_may_be_unsafe() {
    let manifests = ["functions", "shared"].into_iter().flat_map(|folder| {
        let entries = std::fs::read_dir(repository(folder)).unwrap();
        entries.map(move |entry| format!("{folder}/{}/Cargo.toml", entry.unwrap().file_name().into_string().unwrap()))
    });
    let own_lints: Vec<_> =
        manifests.filter(|manifest| !read(manifest).contains("[lints]\nworkspace = true")).collect();
    assert_eq!(own_lints, ["shared/webp/Cargo.toml"]);
    assert!(read("Cargo.toml").contains("unsafe_code = \"forbid\""));
}
