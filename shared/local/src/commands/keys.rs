//! `cargo local keys`: the ed25519 keys that a stack in AWS needs, and the commands that give them to it.

use std::fmt::Write as _;
use std::fs::{DirBuilder, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use toonmill_receipts::{PublicKeys, SigningKey};

use crate::cli::{Keys, KeysArgs};

/// The access tokens' private key, as the value of its secret.
pub(crate) const TOKENS: &str = "jwt-signing-key.txt";
/// The receipts' private key, as the value of its secret.
pub(crate) const RECEIPTS: &str = "receipt-signing-key.txt";

/// A key of its own file, and where the stack is told of it.
struct Wanted {
    file: &'static str,
    secret: &'static str,
    /// The template's parameter for the secret's ARN.
    parameter: &'static str,
    /// That for the public key, if functions have to be told.
    public: Option<&'static str>,
}

const WANTED: [(Keys, Wanted); 2] = [
    (
        Keys::Tokens,
        Wanted { file: TOKENS, secret: "tokens", parameter: "JwtSigningKeySecret", public: Some("JwtPublicKeys") },
    ),
    // A function that signs receipts shows the public key by itself.
    (Keys::Receipts, Wanted { file: RECEIPTS, secret: "receipts", parameter: "ReceiptSigningKeySecret", public: None }),
];

pub(crate) fn run(args: &KeysArgs) -> Result<ExitCode> {
    print!("{}", make(args)?);
    Ok(ExitCode::SUCCESS)
}

/// Makes the keys, and says what to do with them.
fn make(args: &KeysArgs) -> Result<String> {
    let folder = &args.folder;
    let wanted: Vec<_> =
        WANTED.iter().filter(|(of, _)| args.only == Keys::All || args.only == *of).map(|(_, wanted)| wanted).collect();
    // Before anything is made: half of a pair of files would only confuse.
    for path in wanted.iter().map(|wanted| folder.join(wanted.file)) {
        if path.symlink_metadata().is_ok() {
            bail!("{} is there already, and is not overwritten: who loses a key loses what it signed", path.display());
        }
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let folder = folder.canonicalize()?;
    let (mut said, mut secrets, mut parameters) = (String::new(), String::new(), Vec::new());
    for Wanted { file, secret, parameter, public } in wanted {
        let path = folder.join(file);
        let private = SigningKey::make_base64()?;
        write(&path, &private)?;
        writeln!(said, "made {} (only you may read it)", path.display())?;
        if args.show_private {
            writeln!(said, "  private key: {private}")?;
        }
        let name = format!("{}/{secret}", args.prefix);
        let value = format!("file://{}", path.display());
        writeln!(
            secrets,
            "aws secretsmanager create-secret --name {name} --secret-string {} --query ARN --output text",
            quoted(&value)
        )?;
        parameters.push(format!("{parameter}=<the ARN of {name}>"));
        if let Some(public) = public {
            let set = PublicKeys { keys: vec![SigningKey::from_base64(&private)?.public()] };
            let set = serde_json::to_string(&set)?;
            writeln!(said, "public keys for the parameter {public}: {set}")?;
            // SAM takes a quote in a value only behind a backslash.
            parameters.push(format!("{public}={}", set.replace('"', "\\\"")));
        }
    }
    let parameters: Vec<_> = parameters.iter().map(|parameter| format!("  {}", quoted(parameter))).collect();
    write!(
        said,
        "\nThe next commands: a secret for each key, which prints its ARN; then the deploy, with those ARNs and the parameters\n\
         that the stack has besides; then, once a sign-in works, the files go.\n\n\
         {secrets}sam deploy --capabilities CAPABILITY_IAM --parameter-overrides \\\n{}\n\
         shred -u {}/*-signing-key.txt\n",
        parameters.join(" \\\n"),
        quoted(&folder.display().to_string()),
    )?;
    Ok(said)
}

/// Writes a file that only its owner may read, and that was not there before.
fn write(path: &Path, text: &str) -> Result<()> {
    let opened = File::options().create_new(true).write(true).mode(0o600).open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!("{} is there already", path.display()),
        Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
    };
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

/// As a shell takes it as one word.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=+@,".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Duration;

    use jsonwebtoken::{Algorithm, DecodingKey, Validation};
    use toonmill_domain::{Membership, Timestamp};
    use toonmill_flows::Clock;
    use toonmill_http_api::Verifier;
    use toonmill_http_api::auth::{PublicKeys as TokenKeys, Signer};

    use super::*;

    fn args(folder: &Path, only: Keys) -> KeysArgs {
        KeysArgs { folder: folder.to_owned(), only, prefix: "toonmill".to_owned(), show_private: false }
    }

    /// What the functions are given as `JwtPublicKeys`: what SAM makes of the printed parameter.
    fn public_keys(said: &str) -> String {
        let parameter = said.lines().find_map(|line| line.trim().strip_prefix("'JwtPublicKeys=")).unwrap();
        let value = parameter.trim_end_matches(" \\").trim_end_matches('\'');
        value.replace("\\\"", "\"")
    }

    #[test]
    fn the_keys_sign_what_the_functions_take() {
        let folder = tempfile::tempdir().unwrap();
        let said = make(&args(&folder.path().join("keys"), Keys::All)).unwrap();
        let secret = |name| fs::read_to_string(folder.path().join("keys").join(name)).unwrap();
        // Tokens, by the code of the function that signs users in and of those that check.
        let signer = Signer::from_base64(&secret(TOKENS)).unwrap();
        let public = public_keys(&said);
        let clock = Clock::new(|| Timestamp::from_millis(0));
        assert!(Verifier::new(TokenKeys::parse(&public).unwrap(), clock).takes(&signer), "{public}");
        let token = signer.sign(&"ann".parse().unwrap(), Membership::default(), Timestamp::from_millis(0)).unwrap();
        let x =
            serde_json::from_str::<serde_json::Value>(&public).unwrap()["keys"][0]["x"].as_str().unwrap().to_owned();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["toonmill-api"]);
        validation.validate_exp = false;
        let key = DecodingKey::from_ed_components(&x).unwrap();
        let claims = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &validation).unwrap().claims;
        assert_eq!(claims["sub"], "ann");
        // One that a developer signs with the same file.
        let own = crate::tokens::SigningKey::of_secret(&folder.path().join("keys").join(TOKENS)).unwrap();
        let own = own.token("ann", Duration::from_hours(1)).unwrap();
        assert!(jsonwebtoken::decode::<serde_json::Value>(&own, &key, &validation).is_ok());
        // Receipts.
        let receipts = SigningKey::from_base64(&secret(RECEIPTS)).unwrap();
        assert!(!said.contains(&secret(RECEIPTS)) && !said.contains(&secret(TOKENS)), "{said}");
        assert_ne!(receipts.public().x, x, "each has a key of its own");
    }

    #[test]
    fn only_their_owner_may_read_the_files_and_none_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        make(&args(&keys, Keys::Receipts)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&keys), mode(&keys.join(RECEIPTS))), (0o700, 0o600));
        let before = fs::read(keys.join(RECEIPTS)).unwrap();
        let error = make(&args(&keys, Keys::All)).unwrap_err().to_string();
        assert!(error.contains(RECEIPTS) && error.contains("not overwritten"), "{error}");
        assert_eq!(fs::read(keys.join(RECEIPTS)).unwrap(), before);
        assert!(!keys.join(TOKENS).exists(), "nothing was made");
        make(&args(&keys, Keys::Tokens)).unwrap();
    }

    #[test]
    fn a_private_key_is_shown_if_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let said = make(&KeysArgs { show_private: true, ..args(folder.path(), Keys::Tokens) }).unwrap();
        let secret = fs::read_to_string(folder.path().join(TOKENS)).unwrap();
        assert!(said.contains(&secret) && said.contains("create-secret --name toonmill/tokens"), "{said}");
    }

    #[test]
    fn what_a_shell_would_split_or_read_is_quoted() {
        assert_eq!(quoted("file:///home/ann/keys/a-b.txt"), "file:///home/ann/keys/a-b.txt");
        assert_eq!(quoted(r#"A={\"b\"}"#), r#"'A={\"b\"}'"#);
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
