//! The profile that a run uses, and what the AWS configuration files say of it.

use aws_config::profile::ProfileSet;
use aws_types::os_shim_internal::{Env, Fs};

use super::options::variable;
use super::{ConnectError, ConnectOptions};

/// The variables that name a profile, in the order of the AWS CLI.
const VARIABLES: [&str; 2] = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"];

/// The profile that a run uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChosenProfile {
    /// Its name.
    pub name: String,
    /// True if it is named, in the options or the environment, so that it must exist.
    pub is_named: bool,
}

impl ChosenProfile {
    /// Returns the profile of the options, else that of the environment, else `default`.
    pub fn of(options: &ConnectOptions) -> ChosenProfile {
        let named = options.profile.clone().or_else(|| VARIABLES.iter().find_map(|name| variable(name)));
        ChosenProfile { is_named: named.is_some(), name: named.unwrap_or_else(|| "default".to_owned()) }
    }

    /// Reads the configuration files.
    ///
    /// # Errors
    /// They cannot be read, or the profile is named and does not exist: the credentials of another source would be somebody
    /// else's.
    pub async fn read(&self) -> Result<ProfileSet, ConnectError> {
        let files = Default::default();
        let loaded = aws_config::profile::load(&Fs::real(), &Env::real(), &files, Some(self.name.clone().into())).await;
        let profiles = loaded.map_err(|error| ConnectError::BadProfiles(super::super::classify::chain(&error)))?;
        if self.is_named && profiles.get_profile(&self.name).is_none() {
            let mut others: Vec<String> = profiles.profiles().map(str::to_owned).collect();
            others.sort();
            return Err(ConnectError::NoProfile { name: self.name.clone(), others });
        }
        Ok(profiles)
    }
}

/// Returns the command that signs in to a profile.
pub(super) fn sign_in(profiles: &ProfileSet, name: &str) -> Option<String> {
    let profile = profiles.get_profile(name)?;
    let has = |key: &str| profile.get(key).is_some();
    let command = match () {
        () if has("login_session") => "aws login",
        () if has("sso_session") || has("sso_start_url") => "aws sso login",
        () => return None,
    };
    Some(format!("{command} --profile {name}"))
}
