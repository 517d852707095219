//! People who work with the console: roles, where they hold, and what each may do.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// What somebody is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Decides what of feedback and demands is shown, and answers texts that were not understood.
    Moderator,
    /// Works on cases, and enters what the authority answers to demands.
    Caseworker,
    /// Writes what is published or sent, and looks after offices, categories and canned replies.
    Editor,
    /// Approves what an editor wrote.
    Approver,
    /// Reads the audit trail.
    Auditor,
    /// Reads figures and the cases of the own office.
    Analyst,
    /// Looks after accounts, roles and settings.
    Administrator,
}

impl Role {
    /// All, in the order of the documents.
    pub const ALL: [Self; 7] = [
        Self::Moderator,
        Self::Caseworker,
        Self::Editor,
        Self::Approver,
        Self::Auditor,
        Self::Analyst,
        Self::Administrator,
    ];

    /// The stable code (`caseworker`).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Caseworker => "caseworker",
            Self::Editor => "editor",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Analyst => "analyst",
            Self::Administrator => "administrator",
        }
    }

    /// Whether this role may do `act` within its scope: what is not listed is not allowed.
    pub const fn may(self, act: Act) -> bool {
        use Act::{
            AnswerDemands, Approve, EditAccounts, EditDesk, EditReplies, EndSessions, Export, FindNumber,
            HandlePrivacy, Moderate, ModerateDemands, OpenCases, Page, ReadAccounts, ReadAudit, ReadCases,
            ReadDemands, ReadDesk, ReadEvents, ReadHealth, ReadReports, ReadUnknown, RevealNumber,
            VerifyAudit, VerifyPeople, WorkCases, WorkDemands, Write,
        };
        match self {
            Self::Moderator => matches!(
                act,
                ReadCases
                    | ReadDemands
                    | WorkDemands
                    | ModerateDemands
                    | VerifyPeople
                    | ReadDesk
                    | Moderate
                    | ReadUnknown
                    | ReadEvents
                    | ReadReports
            ),
            Self::Caseworker => matches!(
                act,
                ReadCases
                    | WorkCases
                    | ReadDemands
                    | WorkDemands
                    | AnswerDemands
                    | VerifyPeople
                    | OpenCases
                    | FindNumber
                    | RevealNumber
                    | ReadUnknown
                    | ReadDesk
                    | ReadReports
                    | ReadEvents
                    | Page
            ),
            Self::Editor => {
                matches!(act, ReadDesk | EditDesk | EditReplies | Write | ReadReports | ReadEvents)
            }
            Self::Approver => matches!(act, ReadDesk | Approve | ReadReports | ReadEvents),
            Self::Auditor => {
                matches!(act, ReadAudit | VerifyAudit | ReadAccounts | ReadReports | ReadEvents)
            }
            Self::Analyst => matches!(act, ReadCases | ReadDesk | ReadReports | Export | ReadEvents),
            Self::Administrator => matches!(
                act,
                ReadAccounts
                    | EditAccounts
                    | EndSessions
                    | HandlePrivacy
                    | ReadDesk
                    | EditDesk
                    | EditReplies
                    | ReadHealth
                    | VerifyAudit
                    | ReadReports
                    | ReadEvents
            ),
        }
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|it| it.code() == text).ok_or(())
    }
}

/// What can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Lists, searches and opens cases.
    ReadCases,
    /// Answers, notes, assigns, moves and labels cases.
    WorkCases,
    /// Opens a case for somebody who called or came.
    OpenCases,
    /// Finds contacts by a number.
    FindNumber,
    /// Sees a whole number, with a reason.
    RevealNumber,
    /// Lists and reads demands, those that are not public, too.
    ReadDemands,
    /// Opens demands out of cases, links cases, and enters lists of assemblies.
    WorkDemands,
    /// Decides what of demands is public: publishes, refuses, merges, clears flags.
    ModerateDemands,
    /// Hands demands over, enters the authority's answer, and follows the promise.
    AnswerDemands,
    /// Verifies leaders and numbers.
    VerifyPeople,
    /// Shows, hides and asks about feedback.
    Moderate,
    /// Reads and answers texts that were not understood.
    ReadUnknown,
    /// Calls the person on duty.
    Page,
    /// Reads offices, categories, calendars and canned replies.
    ReadDesk,
    /// Changes offices, categories and calendars.
    EditDesk,
    /// Changes canned replies and macros.
    EditReplies,
    /// Writes what is to be published or sent to many.
    Write,
    /// Approves that.
    Approve,
    /// Reads the day's report and the figures about the work.
    ReadReports,
    /// Takes lists out of the system.
    Export,
    /// Follows the feed of events.
    ReadEvents,
    /// Reads the state of gateways, queues and backups.
    ReadHealth,
    /// Decides what people asked for about their own data.
    HandlePrivacy,
    /// Reads accounts and roles.
    ReadAccounts,
    /// Adds, changes, unlocks and resets accounts, and gives roles and grants.
    EditAccounts,
    /// Ends sessions of others.
    EndSessions,
    /// Reads the audit trail.
    ReadAudit,
    /// Checks the chain of the audit trail.
    VerifyAudit,
}

impl Act {
    /// All.
    pub const ALL: [Self; 28] = [
        Self::ReadCases,
        Self::WorkCases,
        Self::OpenCases,
        Self::FindNumber,
        Self::RevealNumber,
        Self::ReadDemands,
        Self::WorkDemands,
        Self::ModerateDemands,
        Self::AnswerDemands,
        Self::VerifyPeople,
        Self::Moderate,
        Self::ReadUnknown,
        Self::Page,
        Self::ReadDesk,
        Self::EditDesk,
        Self::EditReplies,
        Self::Write,
        Self::Approve,
        Self::ReadReports,
        Self::Export,
        Self::ReadEvents,
        Self::ReadHealth,
        Self::HandlePrivacy,
        Self::ReadAccounts,
        Self::EditAccounts,
        Self::EndSessions,
        Self::ReadAudit,
        Self::VerifyAudit,
    ];

    /// The stable code (`read_cases`).
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReadCases => "read_cases",
            Self::WorkCases => "work_cases",
            Self::OpenCases => "open_cases",
            Self::FindNumber => "find_number",
            Self::RevealNumber => "reveal_number",
            Self::ReadDemands => "read_demands",
            Self::WorkDemands => "work_demands",
            Self::ModerateDemands => "moderate_demands",
            Self::AnswerDemands => "answer_demands",
            Self::VerifyPeople => "verify_people",
            Self::Moderate => "moderate",
            Self::ReadUnknown => "read_unknown",
            Self::Page => "page",
            Self::ReadDesk => "read_desk",
            Self::EditDesk => "edit_desk",
            Self::EditReplies => "edit_replies",
            Self::Write => "write",
            Self::Approve => "approve",
            Self::ReadReports => "read_reports",
            Self::Export => "export",
            Self::ReadEvents => "read_events",
            Self::ReadHealth => "read_health",
            Self::HandlePrivacy => "handle_privacy",
            Self::ReadAccounts => "read_accounts",
            Self::EditAccounts => "edit_accounts",
            Self::EndSessions => "end_sessions",
            Self::ReadAudit => "read_audit",
            Self::VerifyAudit => "verify_audit",
        }
    }
}

/// Where a role holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everywhere.
    Country,
    /// One state, by its official key (`12`).
    State(String),
    /// One municipality, by its official key (`12066`).
    Municipality(String),
}

impl Scope {
    /// All scopes that hold a municipality, by its official key.
    pub fn around(municipality: &str) -> Vec<Self> {
        let states = municipality.char_indices().map(|it| it.0).skip(1);
        let states = states.map(|at| Self::State(municipality[..at].to_owned()));
        [Self::Country, Self::Municipality(municipality.to_owned())].into_iter().chain(states).collect()
    }

    /// Whether a municipality lies in it. Official keys begin with that of their state.
    pub fn holds(&self, municipality: &str) -> bool {
        match self {
            Self::Country => true,
            Self::State(state) => municipality.len() > state.len() && municipality.starts_with(state),
            Self::Municipality(key) => key == municipality,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Country => out.write_str("country"),
            Self::State(key) => write!(out, "state:{key}"),
            Self::Municipality(key) => write!(out, "municipality:{key}"),
        }
    }
}

impl FromStr for Scope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let key = |key: &str, least: usize, most: usize| {
            ((least..=most).contains(&key.len()) && key.bytes().all(|it| it.is_ascii_alphanumeric()))
                .then(|| key.to_owned())
                .ok_or(())
        };
        match text.split_once(':') {
            None if text == "country" => Ok(Self::Country),
            Some(("state", rest)) => Ok(Self::State(key(rest, 1, 3)?)),
            Some(("municipality", rest)) => Ok(Self::Municipality(key(rest, 4, 10)?)),
            _ => Err(()),
        }
    }
}

/// What is allowed to one person beyond the roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// Sees confidential and restricted cases.
    Restricted,
}

impl Grant {
    /// All.
    pub const ALL: [Self; 1] = [Self::Restricted];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
        }
    }
}

impl FromStr for Grant {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|it| it.code() == text).ok_or(())
    }
}

/// A role in a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Assignment {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub scope: Scope,
}

/// Why roles can't be held together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// Who can change accounts must not be the one who checks the trail.
    AdministratorAndAuditor,
}

/// Whether one person may hold all of these.
///
/// # Errors
/// The first rule that they break.
pub fn check_roles(roles: &[Assignment]) -> Result<(), Clash> {
    let has = |role| roles.iter().any(|it| it.role == role);
    if has(Role::Administrator) && has(Role::Auditor) {
        return Err(Clash::AdministratorAndAuditor);
    }
    Ok(())
}

/// How far somebody may do something: everywhere, or in these states and municipalities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Everywhere; the lists then say nothing.
    pub country: bool,
    /// Official keys of states.
    pub states: Vec<String>,
    /// Official keys of municipalities.
    pub municipalities: Vec<String>,
}

impl Reach {
    /// Whether a municipality is in reach.
    pub fn holds(&self, municipality: &str) -> bool {
        self.country
            || self.municipalities.iter().any(|it| it == municipality)
            || self.states.iter().any(|it| Scope::State(it.clone()).holds(municipality))
    }
}

/// Who asks: an account with what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// The account.
    pub id: Uuid,
    /// Its roles, each with its place.
    pub roles: Vec<Assignment>,
    /// What is allowed beyond them.
    pub grants: Vec<Grant>,
    /// Code of its own office.
    pub office: Option<String>,
}

impl Staff {
    /// Whether it may do `act` anywhere.
    pub fn may(&self, act: Act) -> bool {
        self.roles.iter().any(|it| it.role.may(act))
    }

    /// Whether it may do `act` in a municipality.
    pub fn may_in(&self, act: Act, municipality: &str) -> bool {
        self.roles.iter().any(|it| it.role.may(act) && it.scope.holds(municipality))
    }

    /// Where it may do `act`.
    pub fn reach(&self, act: Act) -> Reach {
        let mut reach = Reach::default();
        for it in self.roles.iter().filter(|it| it.role.may(act)) {
            match &it.scope {
                Scope::Country => reach.country = true,
                Scope::State(key) => reach.states.push(key.clone()),
                Scope::Municipality(key) => reach.municipalities.push(key.clone()),
            }
        }
        reach
    }

    /// Whether it may do `act` only where the case is of its own office: it reads cases as an analyst
    /// alone.
    pub fn own_office_only(&self, act: Act) -> bool {
        act == Act::ReadCases && !self.roles.iter().any(|it| it.role.may(act) && it.role != Role::Analyst)
    }

    /// Whether it has a grant.
    pub fn has(&self, grant: Grant) -> bool {
        self.grants.contains(&grant)
    }
}

/// The sign-in name as it is kept and compared: lower case, without blanks around it. `None` unless it
/// has 2 to 64 letters, digits, dots, dashes or underscores.
pub fn fold_name(text: &str) -> Option<String> {
    let folded = text.trim().to_lowercase();
    let count = folded.chars().count();
    let fits = |it: char| it.is_alphanumeric() || ".-_@".contains(it);
    ((2..=64).contains(&count) && folded.chars().all(fits)).then_some(folded)
}

/// Failed sign-ins that cost nothing.
pub const FREE_FAILURES: i64 = 5;
/// Failed sign-ins after which an administrator must act.
pub const LOCKING_FAILURES: i64 = 50;
/// The first wait after the free ones, ms.
const FIRST_WAIT: i64 = 30_000;
/// The longest wait, ms.
const LONGEST_WAIT: i64 = 15 * 60_000;

/// How long nobody may try again after `failures` in a row, ms; `None`: until an administrator acts.
pub fn wait_after(failures: i64) -> Option<i64> {
    if failures >= LOCKING_FAILURES {
        return None;
    }
    if failures < FREE_FAILURES {
        return Some(0);
    }
    let doubled = FIRST_WAIT.saturating_mul(1_i64 << (failures - FREE_FAILURES).min(20));
    Some(doubled.min(LONGEST_WAIT))
}

/// The least and greatest number of characters of a password. There is no other rule.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 12..=128;

#[cfg(test)]
mod tests {
    use super::*;

    fn staff(roles: &[(Role, &str)]) -> Staff {
        let assignment =
            |(role, scope): &(Role, &str)| Assignment { role: *role, scope: scope.parse().expect("a scope") };
        Staff {
            id: Uuid::nil(),
            roles: roles.iter().map(assignment).collect(),
            grants: Vec::new(),
            office: None,
        }
    }

    #[test]
    fn a_role_holds_in_its_place_only() {
        let it = staff(&[(Role::Caseworker, "municipality:12066"), (Role::Moderator, "state:20")]);
        assert!(it.may_in(Act::WorkCases, "12066"));
        assert!(!it.may_in(Act::WorkCases, "12067"));
        assert!(!it.may_in(Act::WorkCases, "20001"));
        assert!(it.may_in(Act::Moderate, "20001"));
        assert!(!it.may_in(Act::Moderate, "12066"));
        assert!(!it.may(Act::EditAccounts));
        let reach = it.reach(Act::ReadCases);
        assert!(reach.holds("12066") && reach.holds("20570") && !reach.holds("12001"), "{reach:?}");
    }

    #[test]
    fn nobody_both_administers_and_audits() {
        for role in Role::ALL {
            assert!(!(role.may(Act::EditAccounts) && role.may(Act::ReadAudit)), "{role:?}");
        }
        let both = staff(&[(Role::Administrator, "country"), (Role::Auditor, "state:12")]);
        assert_eq!(check_roles(&both.roles), Err(Clash::AdministratorAndAuditor));
        assert_eq!(check_roles(&both.roles[..1]), Ok(()));
    }

    #[test]
    fn codes_and_scopes_are_read_back_and_nonsense_is_not() {
        for role in Role::ALL {
            assert_eq!(role.code().parse(), Ok(role));
        }
        for text in ["country", "state:12", "municipality:12066"] {
            assert_eq!(text.parse::<Scope>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "Country", "state:", "state:1'2", "municipality:12", "city:12066", "state:1234"] {
            assert_eq!(text.parse::<Scope>(), Err(()), "{text}");
        }
        assert_eq!(fold_name(" Ana.Luz "), Some("ana.luz".to_owned()));
        for text in ["a", "ana luz", "ana\u{202e}", "ana\n1", &"a".repeat(65)] {
            assert_eq!(fold_name(text), None, "{text}");
        }
    }

    #[test]
    fn the_scopes_around_a_municipality_are_those_that_hold_it() {
        let around = Scope::around("12066");
        assert!(around.iter().all(|it| it.holds("12066")), "{around:?}");
        for scope in ["country", "state:12", "municipality:12066"] {
            assert!(around.contains(&scope.parse().expect("a scope")), "{scope}");
        }
        for scope in ["state:13", "municipality:12067"] {
            assert!(!around.contains(&scope.parse().expect("a scope")), "{scope}");
        }
        assert_eq!(Scope::around(""), [Scope::Country, Scope::Municipality(String::new())]);
    }

    #[test]
    fn guessing_gets_slower_and_ends() {
        let waits: Vec<Option<i64>> = [0, 4, 5, 6, 7, 8, 9, 10, 49, 50, 51].map(wait_after).to_vec();
        let seconds: Vec<Option<i64>> = waits.into_iter().map(|it| it.map(|it| it / 1_000)).collect();
        let expected = [
            Some(0),
            Some(0),
            Some(30),
            Some(60),
            Some(120),
            Some(240),
            Some(480),
            Some(900),
            Some(900),
            None,
            None,
        ];
        assert_eq!(seconds, expected);
    }
}
