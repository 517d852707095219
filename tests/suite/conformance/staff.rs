//! Accounts, sessions, what bounds guessing, and answers that are kept.

use cabildo_bot::domain::staff::{Grant, LOCKING_FAILURES};
use cabildo_bot::domain::time::{DAY, HOUR, MINUTE};
use cabildo_bot::store::Error;
use cabildo_bot::store::audit::New as Audit;
use cabildo_bot::store::staff::{
    Account, AccountChange, AccountState, Answer, Attempt, Blocked, Factor, NewAccount, NewSession, SetUp,
    SignIn, Source,
};
use cabildo_tests::staff::{hire, sign_in};
use cabildo_tests::stores::START;
use serde_json::json;
use uuid::Uuid;

const ANA: Uuid = Uuid::from_u128(11);

fn audit(act: &'static str) -> Audit {
    Audit {
        actor_id: None,
        act,
        target_kind: "test",
        target_id: "1".to_owned(),
        detail: json!({}),
        at: START,
    }
}

fn answer(account: &Account) -> Answer {
    Answer { status: 201, body: format!("{{\"version\":{}}}", account.version) }
}

fn attempt(key: &str, request: u8) -> Attempt {
    Attempt::new(ANA, key.to_owned(), vec![request; 32])
}

fn ana() -> NewAccount {
    NewAccount {
        id: ANA,
        name: "ana".to_owned(),
        shown_name: "Ana".to_owned(),
        office: Some("water".to_owned()),
        roles: Vec::new(),
        set_up: Some((vec![7; 32], START.0 + DAY)),
    }
}

both!(colleagues_are_those_who_may_work_in_a_place_and_can_sign_in, |test| {
    use cabildo_bot::domain::staff::Act;
    let store = &test.store;
    let mut ids = Vec::new();
    for (name, role, scope, state) in [
        ("Zoe", "caseworker", "municipality:12066", AccountState::Active),
        ("Ana", "caseworker", "state:12", AccountState::Active),
        ("Luz", "caseworker", "country", AccountState::Active),
        ("Eva", "caseworker", "municipality:12067", AccountState::Active),
        ("Sol", "caseworker", "state:20", AccountState::Active),
        ("Max", "moderator", "country", AccountState::Active),
        ("Noe", "caseworker", "municipality:12066", AccountState::Invited),
        ("Ivo", "caseworker", "municipality:12066", AccountState::Disabled),
    ] {
        let account = hire(store, &[(role, scope), ("analyst", "country")], &[], START).await;
        let change = AccountChange {
            shown_name: Some(name.to_owned()),
            state: Some(state),
            ..AccountChange::default()
        };
        let write = store.staff_write(None, audit("x"), answer);
        store.update_account(account.id, account.version, change, write).await.expect("changed");
        ids.push(account.id);
    }
    let found = store.list_colleagues(Act::WorkCases, "12066", 10).await.expect("read");
    let named = |at: usize, name: &str| (ids[at], name.to_owned());
    assert_eq!(found, [named(1, "Ana"), named(2, "Luz"), named(0, "Zoe")]);
    assert_eq!(store.list_colleagues(Act::WorkCases, "12066", 1).await, Ok(vec![named(1, "Ana")]));
    assert_eq!(store.list_colleagues(Act::WorkCases, "", 10).await, Ok(vec![named(2, "Luz")]));
});

both!(an_account_is_added_changed_and_set_up, |test| {
    let store = &test.store;
    let write = || store.staff_write(None, audit("x"), answer);
    let added = store.add_account(ana(), write()).await.expect("added");
    assert_eq!((added.state, added.version, added.second_factor), (AccountState::Invited, 1, false));
    let taken = NewAccount { id: Uuid::from_u128(12), ..ana() };
    assert_eq!(store.add_account(taken, write()).await.map(|_| ()), Err(Error::Conflict));
    assert_eq!(store.find_credentials("ana").await.expect("read").map(|_| ()), None, "not set up yet");

    let roles = vec!["caseworker@municipality:12066", "moderator@country"];
    let roles = roles
        .into_iter()
        .map(|it| it.split_once('@').expect("two parts"))
        .map(|(role, scope)| cabildo_bot::domain::staff::Assignment {
            role: role.parse().expect("a role"),
            scope: scope.parse().expect("a scope"),
        })
        .collect::<Vec<_>>();
    let change = AccountChange {
        roles: Some(roles.clone()),
        grants: Some(vec![Grant::Restricted]),
        office: Some(None),
        ..AccountChange::default()
    };
    let changed = store.update_account(ANA, 1, change.clone(), write()).await.expect("changed");
    assert_eq!((changed.version, changed.office.clone()), (2, None));
    assert_eq!(changed.roles.len(), 2);
    assert_eq!(changed.grants, [Grant::Restricted]);
    assert_eq!(store.update_account(ANA, 1, change.clone(), write()).await.map(|_| ()), Err(Error::Conflict));
    let nobody = Uuid::from_u128(99);
    assert_eq!(store.update_account(nobody, 1, change, write()).await.map(|_| ()), Err(Error::NotFound));
    assert_eq!(store.find_account(ANA).await, Ok(Some(changed.clone())));
    assert_eq!(store.find_account_by_name("ana").await, Ok(Some(changed.clone())));
    assert_eq!(store.list_accounts("", 10).await, Ok(vec![changed]));
    assert_eq!(store.list_accounts("ana", 10).await, Ok(Vec::new()));
    assert_eq!(store.count_accounts().await, Ok(1));

    let set_up = |hash: u8| SetUp {
        id: ANA,
        setup_hash: vec![hash; 32],
        password_hash: "$argon2id$x".to_owned(),
        totp_sealed: (vec![1, 2, 3], 1),
        recovery: vec![vec![1; 32], vec![2; 32]],
    };
    assert_eq!(store.find_set_up("ana", &[7; 32], START).await, Ok(Some(ANA)));
    assert_eq!(store.find_set_up("ana", &[8; 32], START).await, Ok(None));
    assert_eq!(store.find_set_up("ana", &[7; 32], START.plus(DAY)).await, Ok(None));
    assert_eq!(store.set_up_account(set_up(8), write()).await.map(|_| ()), Err(Error::NotFound));
    let done = store.set_up_account(set_up(7), write()).await.expect("set up");
    assert_eq!((done.state, done.second_factor), (AccountState::Active, true));
    assert_eq!(store.set_up_account(set_up(7), write()).await.map(|_| ()), Err(Error::NotFound));
    assert_eq!(store.count_recovery_codes(ANA).await, Ok(2));
    assert_eq!(store.has_recovery_code(ANA, &[2; 32]).await, Ok(true));
    assert_eq!(store.has_recovery_code(ANA, &[3; 32]).await, Ok(false));
    let credentials = store.find_credentials("ana").await.expect("read").expect("there");
    assert_eq!(credentials.password_hash.as_deref(), Some("$argon2id$x"));

    let who = sign_in(store, ANA, START).await;
    let reset = AccountChange { reset: Some((vec![9; 32], START.0 + DAY)), ..AccountChange::default() };
    let reset = store.update_account(ANA, done.version, reset, write()).await.expect("reset");
    assert_eq!((reset.state, reset.second_factor), (AccountState::Invited, false));
    assert_eq!(store.count_recovery_codes(ANA).await, Ok(0));
    assert_eq!(store.session_lives(who.session, START).await, Ok(false));
});

both!(an_answer_is_kept_with_its_write, |test| {
    let store = &test.store;
    let write = |it: &Attempt| store.staff_write(Some(it.clone()), audit("x"), answer);
    let first = attempt("k1", 1);
    assert_eq!(store.find_answer(&first).await, Ok(None));
    store.add_account(ana(), write(&first)).await.expect("added");
    assert!(first.is_kept());
    let kept = Answer { status: 201, body: "{\"version\":1}".to_owned() };
    assert_eq!(store.find_answer(&attempt("k1", 1)).await, Ok(Some(kept.clone())));
    assert_eq!(store.find_answer(&attempt("k1", 2)).await, Err(Error::Conflict));
    // A second write with the key is undone as a whole.
    let change = AccountChange { shown_name: Some("Eva".to_owned()), ..AccountChange::default() };
    let second = store.update_account(ANA, 1, change, write(&attempt("k1", 1))).await;
    assert_eq!(second.map(|_| ()), Err(Error::Conflict));
    let account = store.find_account(ANA).await.expect("read").expect("there");
    assert_eq!((account.shown_name.as_str(), account.version), ("Ana", 1));
    assert_eq!(store.get_audit_head().await.map(|it| it.seq), Ok(1));
    store.keep_answer(&attempt("k2", 1), &kept, START).await.expect("kept");
    assert_eq!(store.keep_answer(&attempt("k2", 1), &kept, START).await, Err(Error::Conflict));
    assert_eq!(store.remove_answers(START.plus(DAY)).await, Ok(0));
    assert_eq!(store.remove_answers(START.plus(2 * DAY + 1)).await, Ok(2));
    assert_eq!(store.find_answer(&attempt("k1", 1)).await, Ok(None));
});

both!(a_session_is_found_while_it_lives, |test| {
    let store = &test.store;
    let account = hire(store, &[("caseworker", "country")], &[Grant::Restricted], START).await;
    let who = sign_in(store, account.id, START).await;
    let hash = {
        use sha2::Digest as _;
        sha2::Sha256::digest(who.token.as_bytes()).to_vec()
    };
    let found = store.find_session(&hash, START.plus(29 * MINUTE)).await.expect("read").expect("alive");
    assert_eq!((found.account.id, found.account.grants.len()), (account.id, 1));
    // That was a use, so it lives on.
    assert_eq!(store.session_lives(who.session, START.plus(58 * MINUTE)).await, Ok(true));
    assert_eq!(store.session_lives(who.session, START.plus(59 * MINUTE)).await, Ok(false));
    assert_eq!(store.find_session(&hash, START.plus(12 * HOUR)).await, Ok(None));
    assert_eq!(store.find_session(&[0; 32], START).await, Ok(None));
    let list = store.list_sessions(account.id, None, 10, START.plus(30 * MINUTE)).await.expect("read");
    assert_eq!(list.iter().map(|it| it.id).collect::<Vec<_>>(), [who.session]);
    assert_eq!(store.list_sessions(account.id, Some(who.session), 10, START).await, Ok(Vec::new()));
    assert_eq!(store.find_session_owner(who.session).await, Ok(Some(account.id)));
    let end = || store.staff_write(None, audit("x"), |(): &()| Answer { status: 200, body: String::new() });
    store.end_session(who.session, end()).await.expect("ended");
    assert_eq!(store.end_session(who.session, end()).await, Err(Error::NotFound));
    assert_eq!(store.find_session(&hash, START).await, Ok(None));
    assert_eq!(store.find_session_owner(who.session).await, Ok(None));
    assert_eq!(store.remove_sessions(START.plus(90 * DAY)).await, Ok(0));
    assert_eq!(store.remove_sessions(START.plus(90 * DAY + 1)).await, Ok(1));
});

both!(guessing_is_counted_and_survives_a_restart, |mut test| {
    let (key, mut now) = (vec![5; 32], START);
    for _ in 0..5 {
        assert_eq!(test.store.begin_sign_in(&key, now).await, Ok(None));
    }
    test.reopen().await;
    let blocked = Ok(Some(Blocked::Until(START.0 + 30_000)));
    assert_eq!(test.store.begin_sign_in(&key, now).await, blocked);
    assert_eq!(test.store.begin_sign_in(&key, now.plus(29_999)).await, blocked);
    now = now.plus(30_000);
    assert_eq!(test.store.begin_sign_in(&key, now).await, Ok(None));
    assert_eq!(test.store.begin_sign_in(&key, now).await, Ok(Some(Blocked::Until(now.0 + 60_000))));
    let lock = test.store.list_locks(now).await.expect("read");
    assert_eq!(lock.iter().map(|it| it.failures).collect::<Vec<_>>(), [6]);
    for _ in 6..LOCKING_FAILURES {
        now = now.plus(15 * MINUTE);
        assert_eq!(test.store.begin_sign_in(&key, now).await, Ok(None));
    }
    now = now.plus(365 * DAY);
    assert_eq!(test.store.begin_sign_in(&key, now).await, Ok(Some(Blocked::Locked)));
    assert_eq!(test.store.remove_attempts(now).await, Ok(0), "what locks is kept");
    assert_eq!(test.store.release_account(&key, audit("x")).await, Ok(true));
    assert_eq!(test.store.release_account(&key, audit("x")).await, Ok(false));
    assert_eq!(test.store.begin_sign_in(&key, now).await, Ok(None));

    // A place counts after the fact, and forgets after a day.
    let place = Source(vec![6; 32]);
    for _ in 0..5 {
        test.store.fail_sign_in(&place, Some(audit("x")), now).await.expect("counted");
    }
    assert_eq!(test.store.source_blocked(&place, now).await, Ok(Some(Blocked::Until(now.0 + 30_000))));
    assert_eq!(test.store.source_blocked(&place, now.plus(30_000)).await, Ok(None));
    now = now.plus(DAY + 1);
    test.store.fail_sign_in(&place, None, now).await.expect("counted");
    assert_eq!(test.store.source_blocked(&place, now).await, Ok(None));
    assert_eq!(test.store.release_source(&place, audit("x")).await, Ok(true));
    assert_eq!(test.store.remove_attempts(now.plus(31 * DAY)).await, Ok(1));
});

both!(of_many_tries_at_once_only_the_free_ones_count, |test| {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let store = test.store.clone();
        tasks.spawn(async move { store.begin_sign_in(&[5; 32], START).await });
    }
    let free = tasks.join_all().await.into_iter().filter(|it| *it == Ok(None)).count();
    assert_eq!(free, 5);
});

both!(a_step_and_a_recovery_code_are_spent_once, |test| {
    let store = &test.store;
    let write = || store.staff_write(None, audit("x"), answer);
    store.add_account(ana(), write()).await.expect("added");
    let set_up = SetUp {
        id: ANA,
        setup_hash: vec![7; 32],
        password_hash: "$argon2id$x".to_owned(),
        totp_sealed: (vec![1, 2, 3], 1),
        recovery: vec![vec![1; 32]],
    };
    store.set_up_account(set_up, write()).await.expect("set up");
    let sign = |number: u128, factor: Factor| {
        let session = NewSession {
            id: Uuid::from_u128(number),
            token_hash: number.to_be_bytes().to_vec(),
            source_key: vec![6; 32],
        };
        let it = SignIn {
            staff_id: ANA,
            account_key: vec![5; 32],
            source: Source(vec![6; 32]),
            factor,
            session,
            rehashed: None,
        };
        store.finish_sign_in(it, audit("signed_in"), START)
    };
    assert_eq!(sign(1, Factor::Totp(10)).await, Ok(true));
    assert_eq!(sign(2, Factor::Totp(11)).await, Ok(false), "the place is known");
    assert_eq!(sign(3, Factor::Totp(10)).await, Err(Error::NotFound));
    assert_eq!(sign(4, Factor::Totp(11)).await, Err(Error::NotFound));
    assert_eq!(sign(5, Factor::Recovery(vec![1; 32])).await, Ok(false));
    assert_eq!(sign(6, Factor::Recovery(vec![1; 32])).await, Err(Error::NotFound));
    assert_eq!(store.count_recovery_codes(ANA).await, Ok(0));
    let (one, two) = tokio::join!(sign(7, Factor::Totp(12)), sign(8, Factor::Totp(12)));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
});
