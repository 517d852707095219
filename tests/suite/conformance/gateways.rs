//! What gateways say of themselves, and their ids of messages.

use cabildo_bot::store::gateways::GatewayReport;
use cabildo_tests::stores::START;

both!(what_a_phone_says_is_kept_and_an_older_report_is_not, |test| {
    let store = &test.store;
    assert_eq!(store.find_gateway_report("phone").await, Ok(None));
    let report = |battery, minutes: i64| GatewayReport {
        battery,
        credit: None,
        reported_at: START.plus(minutes * 60_000),
    };
    assert_eq!(store.update_gateway_report("phone", report(Some(80), 5)).await, Ok(None));
    assert_eq!(store.update_gateway_report("phone", report(Some(15), 10)).await, Ok(Some(80)));
    assert_eq!(store.update_gateway_report("phone", report(Some(99), 1)).await, Ok(Some(15)));
    assert_eq!(store.find_gateway_report("phone").await, Ok(Some(report(Some(15), 10))));
    // A ping without a battery keeps what is known.
    assert_eq!(store.update_gateway_report("phone", report(None, 20)).await, Ok(Some(15)));
    assert_eq!(store.find_gateway_report("phone").await, Ok(Some(report(Some(15), 20))));
    assert_eq!(store.find_gateway_report("other").await, Ok(None));
    // Nor is a message found by an id that no gateway gave.
    assert_eq!(store.find_by_provider_id("phone", "+525512345678", "ATX").await, Ok(None));
});
