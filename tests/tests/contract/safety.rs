//! What keeps a stack's data and its users from a mistake: of ours, of cleanup's, or of a deploy.

use std::collections::BTreeSet;

use serde_yaml_ng::Value;
use toonmill_tests::template::{TEMPLATE, resources_of, strings};

#[test]
fn the_table_cannot_be_deleted_by_mistake_and_can_be_set_back() {
    let table = &TEMPLATE["Resources"]["Table"];
    assert_eq!(table["DeletionPolicy"], "Retain");
    let table = &table["Properties"];
    assert_eq!(table["DeletionProtectionEnabled"], true);
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    // It is encrypted anyway: this would only add charges of KMS.
    assert!(table.get("SSESpecification").is_none());
}

#[test]
fn a_removed_object_can_be_brought_back_for_a_week() {
    let bucket = &TEMPLATE["Resources"]["Bucket"]["Properties"];
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_sequence().unwrap();
    let of_all = |rule: &&serde_yaml_ng::Value| rule.get("Prefix").is_none() && rule.get("TagFilters").is_none();
    let removed = rules.iter().filter(of_all).find(|rule| !rule["NoncurrentVersionExpiration"].is_null()).unwrap();
    assert_eq!(removed["NoncurrentVersionExpiration"]["NoncurrentDays"], 7);
    assert_eq!(removed["ExpiredObjectDeleteMarker"], true);
    // S3 refuses a rule with both.
    assert!(rules.iter().all(|rule| rule["ExpirationInDays"].is_null() || rule["ExpiredObjectDeleteMarker"].is_null()));
}

#[test]
fn the_bucket_refuses_whoever_comes_without_tls() {
    let policy = &TEMPLATE["Resources"]["BucketPolicy"]["Properties"];
    assert_eq!(strings(&policy["Bucket"]), ["Bucket"]);
    let statement = &policy["PolicyDocument"]["Statement"][0];
    assert_eq!((&statement["Effect"], &statement["Principal"]), (&"Deny".into(), &"*".into()));
    assert_eq!(statement["Action"], "s3:*");
    assert_eq!(strings(&statement["Resource"]), ["Bucket", "${Bucket.Arn}/*"]);
    assert_eq!(statement["Condition"]["Bool"]["aws:SecureTransport"], "false");
}

/// Lambda drops what is below its own level, and a line without a level, as metrics are, counts as `INFO`.
#[test]
fn lambda_itself_drops_no_line_of_the_functions() {
    let logging = &TEMPLATE["Globals"]["Function"]["LoggingConfig"];
    assert_eq!((&logging["LogFormat"], &logging["ApplicationLogLevel"]), (&"JSON".into(), &"TRACE".into()));
    for (id, function) in resources_of("AWS::Serverless::Function") {
        let own = function["Properties"]["LoggingConfig"].as_mapping().unwrap();
        assert!(!own.contains_key("ApplicationLogLevel"), "{id}");
        assert_eq!(strings(&own["LogGroup"]), [format!("{id}Logs")]);
    }
}

#[test]
fn the_apis_are_deployed_by_an_alias_that_an_alarm_takes_back() {
    let mut gradual = Vec::new();
    for (id, function) in resources_of("AWS::Serverless::Function") {
        let properties = &function["Properties"];
        let Some(preference) = properties.get("DeploymentPreference") else { continue };
        assert_eq!(properties["AutoPublishAlias"], "live", "{id}");
        // Else a change of settings alone would publish nothing and reach nobody.
        assert_eq!(properties["AutoPublishAliasAllProperties"], true, "{id}");
        assert_eq!(strings(&preference["Enabled"]), ["GradualDeployment"]);
        for alarm in strings(&preference["Alarms"]) {
            let text = serde_yaml_ng::to_string(&TEMPLATE["Resources"][alarm.as_str()]["Properties"]).unwrap();
            assert!(text.contains(&format!("!Ref {id}\n")), "{alarm} does not see {id}");
            // The gateway calls the alias, and the alias is deployed by the alarm: a circle.
            assert!(!text.contains("HttpApi"), "{alarm}");
        }
        gradual.push(id);
    }
    assert_eq!(gradual, ["ApiJobs", "ApiAccounts"]);
}

/// The parameters that a part of the template refers to, by itself or by a condition.
fn parameters_of(part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Tagged(tagged) => {
            if tagged.tag == "Ref" {
                let name = tagged.value.as_str().unwrap();
                found.extend(TEMPLATE["Parameters"].get(name).map(|_| name.to_owned()));
            }
            if tagged.tag == "If" {
                parameters_of(&TEMPLATE["Conditions"][tagged.value[0].as_str().unwrap()], found);
            }
            parameters_of(&tagged.value, found);
        }
        Value::Sequence(list) => list.iter().for_each(|part| parameters_of(part, found)),
        Value::Mapping(mapping) => mapping.values().for_each(|part| parameters_of(part, found)),
        _ => {}
    }
}

/// SAM publishes no version when only a parameter's value changes: the gateway would go on calling the version with the
/// old value, of a public key that was taken back for instance.
#[test]
fn a_change_of_any_parameter_of_an_api_publishes_a_version() {
    let mut noticed = BTreeSet::new();
    parameters_of(&TEMPLATE["Resources"]["SettingsVersion"]["Properties"]["Content"], &mut noticed);
    for (id, function) in resources_of("AWS::Serverless::Function") {
        let properties = &function["Properties"];
        if properties.get("AutoPublishAlias").is_none() {
            continue;
        }
        for description in ["Description", "VersionDescription"] {
            assert_eq!(strings(&properties[description]), ["settings ${SettingsVersion.VersionNumber}"], "{id}");
        }
        let mut told = BTreeSet::new();
        parameters_of(&properties["Environment"], &mut told);
        parameters_of(&TEMPLATE["Globals"]["Function"], &mut told);
        let missed: Vec<_> = told.difference(&noticed).collect();
        assert!(told.len() > 10 && missed.is_empty(), "SettingsVersion leaves out {missed:?} of {id}");
    }
}

#[test]
fn logs_that_tell_of_money_and_access_outlive_the_stack() {
    let mut kept = Vec::new();
    for (id, group) in resources_of("AWS::Logs::LogGroup") {
        if group.get("DeletionPolicy").is_some_and(|policy| policy == "RetainExceptOnCreate") {
            // A name of ours would be taken when a stack of the same name is created again.
            assert!(group["Properties"].get("LogGroupName").is_none(), "{id}");
            kept.push(id);
        }
    }
    assert_eq!(kept, ["ApiAccountsLogs", "CompleteLogs", "OperatorLogs"]);
}
