//! `template.yaml` as data: which functions it has, which routes lead to them, and where their code lies.
//! Rewriting it touches the code locations and nothing else, as `sam package` does.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_yaml_ng::Value;

#[derive(Debug)]
pub(crate) struct Template {
    document: Value,
    pub(crate) functions: Vec<Function>,
}

#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) logical_id: String,
    /// Name of the package, of its folder and of its binary.
    pub(crate) binary: String,
    /// Route keys of the HTTP API, such as `GET /problems/{proxy+}` or `$default`.
    pub(crate) routes: Vec<String>,
}

impl Template {
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let document: Value = serde_yaml_ng::from_str(text)?;
        let resources = document.get("Resources").and_then(Value::as_mapping).context("no Resources")?;
        let functions = resources
            .iter()
            .filter(|(_, resource)| text_at(resource, &["Type"]) == Some("AWS::Serverless::Function"))
            .map(|(id, resource)| Function::read(id, resource))
            .collect::<Result<Vec<_>>>()?;
        ensure!(!functions.is_empty(), "no function");
        Ok(Self { document, functions })
    }

    /// All of it.
    pub(crate) const fn document(&self) -> &Value {
        &self.document
    }

    /// The template with each function's code where `locations` (by logical id) says.
    pub(crate) fn with_code_at(&self, locations: &BTreeMap<String, String>) -> Result<String> {
        let mut document = self.document.clone();
        for function in &self.functions {
            let location =
                locations.get(&function.logical_id).with_context(|| format!("{} is not packaged", function.binary))?;
            let properties = document
                .get_mut("Resources")
                .and_then(|resources| resources.get_mut(&function.logical_id))
                .and_then(|resource| resource.get_mut("Properties"))
                .and_then(Value::as_mapping_mut)
                .with_context(|| format!("{} has no Properties", function.logical_id))?;
            properties.insert("CodeUri".into(), location.as_str().into());
        }
        Ok(serde_yaml_ng::to_string(&document)?)
    }

    /// By folder name (`generate-image`) or logical id (`GenerateImage`).
    pub(crate) fn function(&self, name: &str) -> Result<&Function> {
        self.functions.iter().find(|function| function.binary == name || function.logical_id == name).with_context(
            || {
                let names: Vec<_> = self.functions.iter().map(|function| function.binary.as_str()).collect();
                format!("there is no function {name}; there are {}", names.join(", "))
            },
        )
    }
}

impl Function {
    fn read(id: &Value, resource: &Value) -> Result<Self> {
        let logical_id = id.as_str().context("a logical id is text")?.to_owned();
        let binary = text_at(resource, &["Metadata", "BuildProperties", "Binary"])
            .with_context(|| format!("{logical_id} names no binary"))?
            .to_owned();
        let events = resource.get("Properties").and_then(|properties| properties.get("Events"));
        let routes = events
            .and_then(Value::as_mapping)
            .into_iter()
            .flat_map(|events| events.values())
            .filter(|event| text_at(event, &["Type"]) == Some("HttpApi"))
            .map(|event| {
                let method = text_at(event, &["Properties", "Method"]);
                let path = text_at(event, &["Properties", "Path"]);
                match (method, path) {
                    (Some(method), Some(path)) => format!("{} {path}", method.to_uppercase()),
                    _ => "$default".to_owned(),
                }
            })
            .collect();
        Ok(Self { logical_id, binary, routes })
    }

    /// The stack output that holds the function's physical name.
    pub(crate) fn output_key(&self) -> String {
        format!("{}Function", self.logical_id)
    }
}

fn text_at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    path.iter().try_fold(value, |value, key| value.get(key)).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  ApiJobs:
    Type: AWS::Serverless::Function
    Metadata: {BuildProperties: {Binary: api-jobs}}
    Properties:
      Role: !GetAtt ApiJobsRole.Arn
      Environment: {Variables: {LIST: !Join [",", !Ref AllowedOrigins], MAX: !If [A, !Ref B, "3"]}}
      Events:
        Api: {Type: HttpApi, Properties: {ApiId: !Ref HttpApi, Method: any, Path: "/api/v1/{proxy+}"}}
        Rest: {Type: HttpApi, Properties: {ApiId: !Ref HttpApi}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}
"#;

    #[test]
    fn functions_know_their_binary_and_their_routes() {
        let template = Template::parse(TEXT).unwrap();
        assert_eq!(template.functions.len(), 1);
        let function = template.function("api-jobs").unwrap();
        assert_eq!(function.logical_id, "ApiJobs");
        assert_eq!(function.routes, ["ANY /api/v1/{proxy+}", "$default"]);
        let error = template.function("nobody").unwrap_err().to_string();
        assert_eq!(error, "there is no function nobody; there are api-jobs");
    }

    #[test]
    fn only_code_locations_change() {
        let template = Template::parse(TEXT).unwrap();
        let locations = BTreeMap::from([("ApiJobs".to_owned(), "s3://bucket/key.zip".to_owned())]);
        let mut packaged: Value = serde_yaml_ng::from_str(&template.with_code_at(&locations).unwrap()).unwrap();
        let properties = packaged["Resources"]["ApiJobs"]["Properties"].as_mapping_mut().unwrap();
        assert_eq!(properties.remove("CodeUri"), Some(Value::from("s3://bucket/key.zip")));
        assert_eq!(packaged, template.document);
    }

    #[test]
    fn the_real_template_has_a_binary_for_every_function() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
        let template = Template::load(Path::new(path)).unwrap();
        let names: Vec<_> = template.functions.iter().map(|function| function.binary.as_str()).collect();
        assert!(names.contains(&"api-jobs") && names.contains(&"generate-image"), "{names:?}");
    }
}
